"""Batches as a `tf.data.Dataset`, which `model.fit` reads on every Keras backend."""

import contextlib
import math

from dtf_keras.data.batches.read_ahead import default_workers
from dtf_keras.data.validation import ClipError


def max_bytes(batches, prefetch=4, workers=None):
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
    frame = 3 * math.prod(corpus.input_format.frame_size)
    uncropped = 3 * math.prod(corpus.input_format.read_size)
    batch = batches.batch_size * batches.lengths[-1] * frame
    longest = max(clip.num_frames for clip in corpus.clips)
    return (prefetch + workers + 2) * batch + workers * longest * uncropped


@contextlib.contextmanager
def clip_errors(batches):
    """Within it, a clip that cannot be read raises `ClipError`, not what it becomes.

    TensorFlow turns an error of its threads into one of its own, with a long story.

    Args:
        batches: `ClipBatches` whose `dataset` is read within.
    """
    import tensorflow as tf

    batches.failure = None
    try:
        yield
    except tf.errors.OpError as error:
        if batches.failure is None:
            raise
        raise batches.failure from error


def dataset_of(batches, prefetch, workers):
    """See `ClipBatches.dataset`."""
    import keras
    import tensorflow as tf

    if keras.backend.backend() != "tensorflow":
        tf.config.set_visible_devices([], "GPU")
    height, width = batches.corpus.input_format.frame_size

    def plan():
        epoch = batches.epoch
        for indices, length in batches.plan():
            yield indices, length, epoch

    def read(indices, length, epoch):
        try:
            x, y = batches.assemble(indices.tolist(), int(length), int(epoch))
        except ClipError as error:
            batches.failure = error
            raise
        return x["video"], x["num_frames"], x["num_glosses"], x["clip_index"], y

    def load(indices, length, epoch):
        video, num_frames, num_glosses, clip_index, labels = tf.numpy_function(
            read,
            [indices, length, epoch],
            [tf.uint8] + [tf.int32] * 4,
            stateful=False,
        )
        video.set_shape([None, None, height, width, 3])
        for vector in (num_frames, num_glosses, clip_index):
            vector.set_shape([None])
        labels.set_shape([None, batches.max_glosses])
        x = {
            "video": video,
            "num_frames": num_frames,
            "num_glosses": num_glosses,
            "clip_index": clip_index,
        }
        return x, labels

    number = tf.TensorSpec([], tf.int32)
    spec = (tf.TensorSpec([None], tf.int32), number, number)
    dataset = tf.data.Dataset.from_generator(plan, output_signature=spec)
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(len(batches)))
    dataset = dataset.map(load, num_parallel_calls=workers, deterministic=True)
    return dataset.prefetch(prefetch)
