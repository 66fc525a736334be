import os
import subprocess
import sys
import threading
import time

import keras
import numpy as np
import pytest

from dtf_keras.data import Augmentation, ClipError, clip_errors
from dtf_keras.data.batches.dataset import max_bytes
from dtf_keras.data.batches.py_dataset import BatchDataset
from dtf_keras.data.batches.read_ahead import default_workers

LENGTHS = [12 + (7 * i) % 41 for i in range(19)]


@pytest.fixture(params=["dataset", "PyDataset"])
def dataset_of(request):
    """What Keras reads on this backend, and what it reads on JAX and PyTorch."""

    def make(batches, prefetch=4, workers=None):
        if request.param == "PyDataset":
            return BatchDataset(batches, prefetch, workers)
        return batches.dataset(prefetch, workers)

    return make


def as_numpy(dataset):
    for batch in dataset:
        yield keras.tree.map_structure(np.asarray, batch)


def assert_same_batches(found, wanted):
    for (x, y), (wanted_x, wanted_y) in zip(found, wanted, strict=True):
        assert x.keys() == wanted_x.keys()
        for key, value in wanted_x.items():
            np.testing.assert_array_equal(x[key], value)
            assert x[key].dtype == value.dtype
        np.testing.assert_array_equal(y, wanted_y)


def test_dataset_gives_the_same_batches_in_the_same_order(make_corpus, dataset_of):
    batches = make_corpus(LENGTHS).batches(4, shuffle=True)
    dataset = dataset_of(batches)
    assert len(dataset) == len(batches)
    for epoch in (0, 3):
        batches.epoch = epoch
        assert_same_batches(as_numpy(dataset), batches)


def test_batches_of_a_py_dataset_may_be_asked_for_in_any_order(make_corpus):
    batches = make_corpus(LENGTHS).batches(4, shuffle=True)
    dataset, wanted = BatchDataset(batches, 1, 1), list(batches)
    order = [0, 1, 3, 2, 4, 0, 1]
    found = [dataset[index] for index in order]
    assert_same_batches(found, [wanted[index] for index in order])
    with pytest.raises(IndexError, match="no batch 5 of 5"):
        dataset[5]


def fail_at_clip_3(index):
    kind = "float32" if index == 3 else "uint8"
    return np.zeros((12, 8, 8, 3), kind)


def test_failure_while_iterating_names_the_clip(make_corpus, dataset_of):
    batches = make_corpus([12] * 8, read=fail_at_clip_3).batches(1)
    with pytest.raises(ClipError, match="clip3 are float32"), clip_errors(batches):
        list(dataset_of(batches))


def test_failure_while_training_names_the_clip(make_corpus):
    batches = make_corpus([12] * 8, read=fail_at_clip_3).batches(1)
    model = small_model()
    with pytest.raises(ClipError, match="clip3 are float32"), clip_errors(batches):
        model.fit(batches.dataset(), verbose=0, shuffle=False)


@pytest.mark.parametrize("kind", [OSError, PermissionError, MemoryError, RuntimeError])
def test_what_a_reading_thread_raises_arrives_as_itself(kind, make_corpus, dataset_of):
    def read(index):
        raise kind("the disk is gone")

    batches = make_corpus([12], read=read).batches(1)
    gone = pytest.raises(kind, match=r"^the disk is gone$")
    with gone as caught, clip_errors(batches):
        list(dataset_of(batches))
    assert type(caught.value) is kind


def test_augmented_batches_are_those_of_their_epoch(make_corpus, dataset_of):
    corpus = make_corpus(LENGTHS, crop=2 / 3, read=noise)
    batches = corpus.batches(4, shuffle=True, augmentation=Augmentation())
    batches.epoch = 1
    for x, _ in as_numpy(dataset_of(batches)):
        expected, length = x["clip_index"].tolist(), x["video"].shape[1]
        wanted, _ = batches.assemble(expected, length, epoch=1)
        np.testing.assert_array_equal(x["video"], wanted["video"])


def noise(index):
    rng = np.random.default_rng(index)
    return rng.integers(0, 256, (LENGTHS[index], 12, 12, 3), "uint8")


@pytest.mark.parametrize("workers", [1, 3])
def test_what_is_in_memory_is_bounded(make_corpus, dataset_of, workers):
    """A reader that is never waited for stops when its room is full."""
    read, lock = [], threading.Lock()

    def slow(index):
        with lock:
            read.append(index)
        return np.zeros((12, 8, 8, 3), "uint8")

    batches = make_corpus([12] * 80, read=slow).batches(2)
    iterator = iter(dataset_of(batches, prefetch=2, workers=workers))
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


def small_model():
    video = keras.Input((None, 8, 8, 3), name="video")
    logits = keras.layers.Dense(4)(keras.ops.mean(video, axis=(1, 2, 3)))
    inputs = {"video": video}
    for name in ("num_frames", "num_glosses", "clip_index"):
        inputs[name] = keras.Input((), dtype="int32", name=name)
    model = keras.Model(inputs, logits)
    model.compile("sgd", loss=lambda y, logits: keras.ops.mean(logits, axis=-1))
    return model


def epoch_setter(batches):
    def set_epoch(epoch, logs):
        batches.epoch = epoch

    return keras.callbacks.LambdaCallback(on_epoch_begin=set_epoch)


def test_fit_asks_for_the_shuffle_of_its_epoch(make_corpus):
    batches = make_corpus(LENGTHS).batches(4, shuffle=True)
    planned = []
    plan = batches.plan
    batches.plan = lambda epoch: planned.append(epoch) or plan(epoch)
    small_model().fit(
        batches.dataset(),
        epochs=5,
        initial_epoch=3,
        callbacks=[epoch_setter(batches)],
        verbose=0,
        shuffle=False,
    )
    assert planned[-2:] == [3, 4]


@pytest.mark.parametrize("lengths", [[12] * 8 + [40] * 4, [12] * 3, LENGTHS])
def test_fit_reads_each_clip_once_an_epoch_whatever_shapes_come_first(
    lengths, make_corpus
):
    """On TensorFlow Keras looks at two batches of a `PyDataset` for the shapes."""
    read = []

    def count(index):
        read.append(index)
        return np.zeros((lengths[index], 8, 8, 3), "uint8")

    batches = make_corpus(lengths, read=count).batches(2)
    small_model().fit(
        batches.dataset(),
        epochs=3,
        callbacks=[epoch_setter(batches)],
        verbose=0,
        shuffle=False,
    )
    assert sorted(set(read)) == list(range(len(lengths)))
    # JAX and PyTorch read the first batches twice, to build the metrics.
    assert len(read) <= 4 * len(lengths)


def test_fit_in_parts_of_an_epoch_goes_on_where_it_was(make_corpus):
    batches = make_corpus(LENGTHS).batches(2)
    history = small_model().fit(
        batches.dataset(), steps_per_epoch=5, epochs=2, verbose=0, shuffle=False
    )
    assert np.isfinite(history.history["loss"]).all()


def test_predict_reads_every_batch(make_corpus, dataset_of):
    batches = make_corpus([12] * 10).batches(3)
    assert small_model().predict(dataset_of(batches), verbose=0).shape == (10, 4)


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_tensorflow_is_not_needed_on_another_backend(backend):
    pytest.importorskip(backend)
    code = """
import sys
sys.modules["tensorflow"] = None  # importing it fails
import keras
import numpy as np
from dtf_keras.data import Clip, Corpus, Vocabulary
from dtf_keras.input_format import InputFormat

clips = [Clip(str(n), ("A",), "", n) for n in (12, 16, 40)]
corpus = Corpus(
    name="plain", split="train", vocabulary=Vocabulary("A"), clips=clips,
    input_format=InputFormat(8, 8),
    read=lambda index: np.ones((clips[index].num_frames, 8, 8, 3), "uint8"),
)
class Small(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(4)
    def call(self, x):
        video = keras.ops.cast(x["video"], "float32")
        return self.dense(keras.ops.mean(video, axis=(1, 2, 3)))

model = Small()
model.compile("sgd", loss=lambda y, logits: keras.ops.mean(logits, axis=-1))
model.fit(corpus.batches(1).dataset(), epochs=2, verbose=0, shuffle=False)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
