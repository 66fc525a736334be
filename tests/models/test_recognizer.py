import keras
import numpy as np
import pytest
from backends import to_numpy
from small import build, inputs, shared

from dtf_keras.models import CTCLoss, InfeasibleClips

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


def test_logits_know_the_real_steps():
    logits = shared(NAME).predict_on_batch(inputs([17, 9, 1, 0]))
    assert to_numpy(shared(NAME).valid_steps(logits)).tolist() == [4, 2, 0, 0]
    assert (logits[1, 2:].argmax(-1) == 0).all()


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ({"frames": 1}, "'video' and 'num_frames'"),
        (np.zeros((1, 4, 16, 16, 3), "uint8"), "resize the frames"),
        (np.zeros((4, 32, 32, 3), "uint8"), "resize the frames"),
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
