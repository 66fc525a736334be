"""Batches as `model.fit` reads them on each Keras backend."""

import contextlib
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

    def epoch():
        try:
            yield from batches.read(prefetch, workers)
        except Exception as error:
            batches.failure = error
            raise

    read = batches.corpus.input_format
    vector = tf.TensorSpec([None], tf.int32)
    x = {
        read.input_name: tf.TensorSpec([None, None, *read.frame_shape], read.dtype),
        "num_frames": vector,
        "num_glosses": vector,
        "clip_index": vector,
    }
    y = tf.TensorSpec([None, batches.max_glosses], tf.int32)
    dataset = tf.data.Dataset.from_generator(epoch, output_signature=(x, y))
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(len(batches)))
    return dataset.prefetch(1)  # becomes tensors while the batch before is in use


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
