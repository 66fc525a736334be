import threading
import time

import keras
import numpy as np
import pytest

from dtf_keras.data import Augmentation, ClipError, clip_errors
from dtf_keras.data.batches.pipeline import max_bytes
from dtf_keras.data.batches.read_ahead import default_workers

LENGTHS = [12 + (7 * i) % 41 for i in range(19)]


def test_dataset_gives_the_same_batches_in_the_same_order(make_corpus):
    batches = make_corpus(LENGTHS).batches(4, shuffle=True)
    dataset = batches.dataset()
    assert int(dataset.cardinality()) == len(batches)
    for epoch in (0, 3):
        batches.epoch = epoch
        pairs = list(zip(dataset.as_numpy_iterator(), batches, strict=True))
        for (x, y), (wanted_x, wanted_y) in pairs:
            assert x.keys() == wanted_x.keys()
            for key, value in wanted_x.items():
                np.testing.assert_array_equal(x[key], value)
                assert x[key].dtype == value.dtype
            np.testing.assert_array_equal(y, wanted_y)


def test_failure_in_the_pipeline_names_the_clip(make_corpus):
    def read(index):
        return np.zeros((12, 8, 8, 3), "float32")

    batches = make_corpus([12], read=read).batches(1)
    with pytest.raises(ClipError, match="clip0 are float32"), clip_errors(batches):
        list(batches.dataset())


def test_a_failure_that_is_no_clips_stays_what_it_is(make_corpus):
    def read(index):
        raise OSError("the disk is gone")

    batches = make_corpus([12], read=read).batches(1)
    with (
        pytest.raises(Exception, match="the disk is gone") as caught,
        clip_errors(batches),
    ):
        list(batches.dataset())
    assert not isinstance(caught.value, ClipError)


def test_augmented_batches_are_those_of_their_epoch(make_corpus):
    corpus = make_corpus(LENGTHS, crop=2 / 3, read=noise)
    batches = corpus.batches(4, shuffle=True, augmentation=Augmentation())
    dataset = batches.dataset()
    batches.epoch = 1
    for x, _ in dataset.as_numpy_iterator():
        expected, length = x["clip_index"].tolist(), x["video"].shape[1]
        wanted, _ = batches.assemble(expected, length, epoch=1)
        np.testing.assert_array_equal(x["video"], wanted["video"])


def noise(index):
    rng = np.random.default_rng(index)
    return rng.integers(0, 256, (LENGTHS[index], 12, 12, 3), "uint8")


@pytest.mark.parametrize("workers", [1, 3])
def test_what_is_in_memory_is_bounded(make_corpus, workers):
    """A reader that is never waited for stops when its room is full."""
    read, lock = [], threading.Lock()

    def slow(index):
        with lock:
            read.append(index)
        return np.zeros((12, 8, 8, 3), "uint8")

    batches = make_corpus([12] * 80, read=slow).batches(2)
    iterator = iter(batches.dataset(prefetch=2, workers=workers))
    for taken in range(1, 4):
        next(iterator)
        most = 2 * (taken + 2 + workers)
        before = -1
        while len(read) != before:  # until nothing moves any more
            before = len(read)
            time.sleep(0.3)
        assert 2 * taken <= len(read) <= most


def test_the_bound_is_said_in_bytes(make_corpus):
    batches = make_corpus([12, 20], size=(8, 16), crop=0.8).batches(2)
    frame, uncropped = 3 * 8 * 16, 3 * 10 * 20
    assert max_bytes(batches, prefetch=4, workers=2) == (
        (4 + 2 + 2) * 2 * 20 * frame + 2 * 20 * uncropped
    )
    assert 2 <= default_workers() <= 8


def test_fit_asks_for_the_shuffle_of_its_epoch(make_corpus):
    batches = make_corpus(LENGTHS).batches(4, shuffle=True)
    planned = []
    plan = batches.plan
    batches.plan = lambda: planned.append(batches.epoch) or plan()

    video = keras.Input((None, 8, 8, 3), name="video")
    logits = keras.layers.Dense(4)(keras.ops.mean(video, axis=(1, 2, 3)))
    model = keras.Model({"video": video}, logits)
    model.compile("sgd", loss=lambda y, logits: keras.ops.mean(logits, axis=-1))

    def set_epoch(epoch, logs):
        batches.epoch = epoch

    callback = keras.callbacks.LambdaCallback(on_epoch_begin=set_epoch)
    model.fit(
        batches.dataset().map(lambda x, y: ({"video": x["video"]}, y)),
        epochs=5,
        initial_epoch=3,
        callbacks=[callback],
        verbose=0,
    )
    assert planned[-2:] == [3, 4]
