"""Batches as `model.fit` reads them on each Keras backend."""

import contextlib
import itertools
import math

import numpy as np

from dtf_keras.data.batches.read_ahead import default_workers

PREFETCH = 4  # batches kept ready


def dataset_of(batches, prefetch, workers):
    """See `ClipBatches.dataset`.

    On TensorFlow Keras would make a `tf.data.Dataset` of a `PyDataset` too, and take
    the T of its first two batches for that of all if they are equal.
    """
    import keras

    if keras.backend.backend() == "tensorflow":
        return _tensorflow_dataset(batches, prefetch, workers)
    from dtf_keras.data.batches.py_dataset import BatchDataset

    return BatchDataset(batches, prefetch, workers)


def _tensorflow_dataset(batches, prefetch, workers):
    import tensorflow as tf

    dataset = _of_tensors(batches, lambda: batches.read(prefetch, workers))
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(len(batches)))
    return dataset.prefetch(1)  # becomes tensors while the batch before is in use


def replica_dataset(batches):
    """A `tf.data.Dataset` of the parts of batches that replicas take in turn.

    It goes on epoch after epoch: at the end of a dataset `tf.distribute` would train a
    step on nothing.

    Args:
        batches: `ClipBatches`, with the `sharing` of this process.
    """

    def parts():
        for epoch in itertools.count(batches.epoch):
            for batch in batches.read(epoch=epoch):
                yield from _in_parts(batch, len(batches.sharing.here))

    return _of_tensors(batches, parts).prefetch(len(batches.sharing.here))


def _of_tensors(batches, read):
    import tensorflow as tf

    def noted():
        try:
            yield from read()
        except Exception as error:
            batches.failure = error
            raise

    shown = batches.corpus.input_format
    vector = tf.TensorSpec([None], tf.int32)
    x = {
        shown.input_name: tf.TensorSpec([None, None, *shown.frame_shape], shown.dtype),
        "num_frames": vector,
        "num_glosses": vector,
        "clip_index": vector,
    }
    y = tf.TensorSpec([None, batches.max_glosses], tf.int32)
    weights = () if batches.sharing.devices == 1 else (tf.TensorSpec([None]),)
    return tf.data.Dataset.from_generator(noted, output_signature=(x, y, *weights))


def _in_parts(batch, count):
    """The rows of a batch in `count` equal parts, one after another."""
    rows = len(batch[1]) // count
    for part in range(count):
        here = slice(part * rows, (part + 1) * rows)
        x, *others = batch
        yield ({name: one[here] for name, one in x.items()}, *(o[here] for o in others))


@contextlib.contextmanager
def clip_errors(batches):
    """Within it, what a reading thread raises arrives as itself on TensorFlow too.

    There an error of a dataset becomes one of TensorFlow's own, with a long story.

    Args:
        batches: `ClipBatches` whose `dataset` is read within.
    """
    batches.failure = None
    try:
        yield
    except Exception as error:
        if batches.failure in (None, error):
            raise
        raise batches.failure from error


def max_bytes(batches, prefetch=PREFETCH, workers=None):
    """The most memory that the frames in a dataset take, in bytes.

    `prefetch` batches are ready, `workers` are being read or wait for their turn, one
    is handed over and one is in use; each worker also holds the clip it reads,
    uncropped.

    Args:
        batches: `ClipBatches`.
        prefetch: int, as for `ClipBatches.dataset`.
        workers: int, as for `ClipBatches.dataset`.
    """
    corpus, workers = batches.corpus, workers or default_workers()
    item = np.dtype(corpus.input_format.dtype).itemsize
    frame = item * math.prod(corpus.input_format.frame_shape)
    uncropped = item * math.prod(corpus.input_format.read_shape)
    batch = batches.batch_size * batches.lengths[-1] * frame
    longest = max(clip.num_frames for clip in corpus.clips)
    return (prefetch + workers + 2) * batch + workers * longest * uncropped
