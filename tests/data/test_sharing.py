"""Batches that several devices share."""

import numpy as np
import pytest

from dtf_keras import data
from dtf_keras.data.batches.dataset import replica_dataset
from dtf_keras.data.batches.sharing import Sharing


def test_clips_are_shared_in_order_and_made_as_many():
    rows = [Sharing(3, range(n, n + 1)).rows([4, 5, 6, 7]) for n in range(3)]
    assert rows == [[4, 5], [6, 7], [None, None]]
    assert Sharing(3, range(1, 3)).rows([4, 5, 6, 7]) == [6, 7, None, None]


@pytest.mark.parametrize(("devices", "clips"), [(1, 4), (2, 4), (3, 4), (4, 1)])
def test_the_weights_make_the_mean_over_rows_that_over_clips(devices, clips):
    sharing = Sharing(devices, range(devices))
    losses = np.arange(1.0, clips + 1)
    rows = sharing.rows(list(range(clips)))
    weighted = [
        0 if i is None else sharing.weight([0] * clips) * losses[i] for i in rows
    ]
    assert np.mean(weighted) == pytest.approx(losses.mean())


def test_the_parts_of_all_processes_are_the_batches_of_one():
    corpus = data.load("fingerspelling", "dev", num_clips=7)
    options = {"shuffle": True, "seed": 3, "augmentation": data.Augmentation()}
    whole = list(corpus.batches(4, **options))
    parts = [
        list(corpus.batches(4, sharing=Sharing(4, here), **options))
        for here in (range(2), range(2, 4))
    ]
    for (x, y), *shares in zip(whole, *parts, strict=True):
        real = np.concatenate([weights for _, _, weights in shares]) > 0
        glosses = np.concatenate([labels for _, labels, _ in shares])
        np.testing.assert_array_equal(glosses[real], y)
        for name, values in x.items():
            rows = np.concatenate([share[0][name] for share in shares])
            np.testing.assert_array_equal(rows[real], values)
            if name != "clip_index":
                assert not rows[~real].any()


def test_replicas_take_their_parts_in_turn_epoch_after_epoch():
    pytest.importorskip("tensorflow")
    corpus = data.load("fingerspelling", "dev", num_clips=5)
    batches = corpus.batches(4, shuffle=True, sharing=Sharing(2, range(2)))
    parts = replica_dataset(batches).take(8).as_numpy_iterator()
    shown = [x["clip_index"].tolist() for x, _, _ in parts]
    for epoch in range(2):
        planned = batches.plan(epoch)
        for (clips, _), first in zip(planned, (0, 2), strict=True):
            rows = shown[4 * epoch + first] + shown[4 * epoch + first + 1]
            assert [clip for clip in rows if clip >= 0] == clips
