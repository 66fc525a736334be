import keras
import numpy as np
import pytest
import tensorflow as tf

from dtf_keras.models import CTCLoss, InfeasibleClips, Recognizer
from tests.helpers.backends import to_numpy
from tests.helpers.coloured_frames import build_small_model
from tests.helpers.small import build, inputs, shared

NAME = "full_conv_v5"
GLOSSES = np.array([[1, 2], [3, 0]], "int32")


def test_uint8_and_unit_floats_give_the_same():
    x = inputs([16, 12])
    as_floats = {**x, "video": x["video"].astype("float32") / 255}
    np.testing.assert_allclose(
        shared(NAME).predict_on_batch(x),
        shared(NAME).predict_on_batch(as_floats),
        atol=1e-5,
    )


def test_a_plain_video_and_a_dict_without_lengths_mean_no_padding():
    x = inputs([16, 16])
    expected = shared(NAME).predict_on_batch(x)
    for form in (
        x["video"],
        {"video": x["video"]},
        {**x, "num_glosses": np.array([2, 1])},
    ):
        np.testing.assert_allclose(
            shared(NAME).predict_on_batch(form), expected, atol=1e-6
        )
    np.testing.assert_allclose(to_numpy(shared(NAME)(x["video"])), expected, atol=1e-5)


def test_lengths_may_be_a_list_or_of_any_number_type():
    x = inputs([16, 9])
    expected = to_numpy(shared(NAME)(x))
    for lengths in ([16, 9], np.array([16, 9], "int64"), np.array([16.0, 9.0])):
        got = to_numpy(shared(NAME)({**x, "num_frames": lengths}))
        np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("form", ["video", "dict"])
def test_it_is_a_layer_of_other_models_on_integers_too(form):
    video = keras.Input((None, 32, 32, 3), dtype="uint8")
    lengths = keras.Input((), dtype="int32")
    x = inputs([12, 12])
    whole = {"video": video, "num_frames": lengths}
    outer = keras.Model(
        [video, lengths], shared(NAME)(video if form == "video" else whole)
    )
    got = outer.predict_on_batch([x["video"], x["num_frames"]])
    np.testing.assert_allclose(got, shared(NAME).predict_on_batch(x), atol=1e-5)


def test_a_part_of_a_model_reads_what_the_model_reads():
    model = shared(NAME)
    part = Recognizer(model.inputs, model.get_layer("backbone").output)
    x = inputs([8, 8])
    as_floats = {**x, "video": x["video"].astype("float32") / 255}
    np.testing.assert_allclose(
        part.predict_on_batch(x), part.predict_on_batch(as_floats), atol=1e-5
    )


def test_batches_of_several_lengths_are_predicted_as_one_array():
    model = shared(NAME)
    long, short = inputs([16, 13]), inputs([9])
    got = model.predict(iter([(long, GLOSSES), (short, GLOSSES[:1])]), verbose=0)
    assert got.shape == (3, 4, 6)
    np.testing.assert_allclose(got[:2], model.predict_on_batch(long), atol=1e-6)
    np.testing.assert_allclose(got[2:, :2], model.predict_on_batch(short), atol=1e-6)
    assert to_numpy(model.valid_steps(got)).tolist() == [4, 3, 2]
    with pytest.raises(ValueError, match="no batch to predict"):
        model.predict(iter([]), verbose=0)


def test_a_dataset_of_tensorflow_is_predicted_on_every_backend(capsys):
    x = inputs([16, 13])
    dataset = tf.data.Dataset.from_tensor_slices(x).batch(1).repeat(2)
    assert shared(NAME).predict(dataset, steps=3).shape == (3, 4, 6)
    assert "3/3" in capsys.readouterr().out
    got = shared(NAME).predict(dataset, verbose=0)
    expected = shared(NAME).predict(x, verbose=0)
    np.testing.assert_allclose(got, np.tile(expected, (2, 1, 1)), atol=1e-5)


def test_logits_know_the_real_steps():
    logits = shared(NAME).predict_on_batch(inputs([17, 9, 1, 0]))
    assert to_numpy(shared(NAME).valid_steps(logits)).tolist() == [4, 2, 0, 0]
    assert (logits[1, 2:].argmax(-1) == 0).all()


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ({"frames": 1}, "'video' and 'num_frames'"),
        (np.zeros((1, 4, 16, 16, 3), "uint8"), "resize the frames"),
        (np.zeros((4, 32, 32, 3), "uint8"), r"a batch of one, video\[None\]"),
        ({**inputs([8, 8]), "num_frames": np.array([5])}, "one whole number a clip"),
        ({**inputs([8]), "num_frames": np.array([[8]])}, "one whole number a clip"),
    ],
)
def test_other_inputs_are_refused_by_one_sentence(x, message):
    with pytest.raises(ValueError, match=message):
        shared(NAME)(x)


def test_compile_has_the_defaults_of_the_task():
    model = build(NAME)
    model.compile()
    assert isinstance(model.loss, CTCLoss)
    assert model.optimizer.global_clipnorm == 5
    assert float(model.optimizer.learning_rate) == pytest.approx(1e-4)
    logs = model.train_on_batch(inputs([16, 5]), GLOSSES, return_dict=True)
    assert set(logs) == {"loss", "infeasible_clips"}


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow",
    reason="Keras looks at the loss once more on JAX, and torch traces nothing",
)
def test_a_training_step_is_traced_once(monkeypatch):
    model = build_small_model("any", None, num_classes=6, frame_size=32, width=1)
    model.compile()
    traced, loss = [], model.compute_loss

    def noted(*given, **more):
        traced.append(given)
        return loss(*given, **more)

    monkeypatch.setattr(model, "compute_loss", noted)
    model.train_on_batch(inputs([16, 16]), GLOSSES)
    assert len(traced) == 1


def test_infeasible_clips_are_counted_over_an_epoch():
    model = build(NAME)
    model.compile()
    x = inputs([16, 3, 16, 2])
    history = model.fit(
        x, np.repeat(GLOSSES[:1], 4, axis=0), batch_size=2, verbose=0
    ).history
    assert history["infeasible_clips"] == [2]


def test_a_loss_of_keras_own_works():
    model = build(NAME)
    model.compile("sgd", loss=keras.losses.CTC())
    assert [m.name for m in model.metrics] == ["loss"]
    x = inputs([16, 12])
    plain = model.evaluate(x, GLOSSES, verbose=0)
    model.compile("sgd", loss=CTCLoss(), metrics=[InfeasibleClips()])
    ours = model.evaluate(x, GLOSSES, verbose=0)[0]
    # Blank is certain on padded steps: CTC over all steps is CTC over the real ones.
    assert plain == pytest.approx(ours, rel=1e-4)
