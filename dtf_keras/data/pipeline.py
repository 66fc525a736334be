"""Batches as a `tf.data.Dataset`, which `model.fit` reads on every Keras backend."""


def dataset_of(batches, prefetch):
    """See `ClipBatches.dataset`; `prefetch` is the number of batches kept ready."""
    import keras
    import tensorflow as tf

    if keras.backend.backend() != "tensorflow":
        tf.config.set_visible_devices([], "GPU")
    size = batches.corpus.frame_size

    def plan():
        yield from batches.plan()

    def read(indices, length):
        x, y = batches.assemble(indices.tolist(), int(length))
        return x["video"], x["num_frames"], x["num_glosses"], x["clip_index"], y

    def load(indices, length):
        video, num_frames, num_glosses, clip_index, labels = tf.numpy_function(
            read, [indices, length], [tf.uint8] + [tf.int32] * 4, stateful=False
        )
        video.set_shape([None, None, size, size, 3])
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

    spec = (tf.TensorSpec([None], tf.int32), tf.TensorSpec([], tf.int32))
    dataset = tf.data.Dataset.from_generator(plan, output_signature=spec)
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(len(batches)))
    dataset = dataset.map(load, num_parallel_calls=2, deterministic=True)
    return dataset.prefetch(prefetch)
