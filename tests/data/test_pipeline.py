import keras
import numpy as np
import pytest

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

    dataset = make_corpus([12], read=read).batches(1).dataset()
    with pytest.raises(Exception, match="clip0 are float32"):
        list(dataset)


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
