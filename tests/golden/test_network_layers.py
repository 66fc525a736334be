"""Layers of VAC and SMKD against the published code: outputs, gradients, a step."""

import functools

import keras
import numpy as np
import pytest
from keras import ops

from dtf_keras import layers
from dtf_keras.convert.assignments import assignments
from dtf_keras.layers import EdgeFrames, FrameMask, edge_of
from dtf_keras.models.losses.distillation import distillation_loss
from dtf_keras.models.parts.temporal_convolution import temporal_convolution
from tests.helpers import network_recipe as recipe
from tests.helpers.backends import gradient, gradients, jit, to_numpy
from tests.helpers.golden_recipe import part

TYPES = [f"temporal_conv{number}" for number in range(9)]
TRAINED = "temporal_conv2_train"
LAYERS = ["bilstm", "norm_linear", *TYPES]
every_layer = pytest.mark.parametrize("name", LAYERS)
# JAX has no float64 unless told so.
FLOAT64 = {"atol": 1e-5} if keras.backend.backend() == "jax" else {"atol": 1e-9}


class Fixture:
    """A fixture's arrays and our layers with its weights."""

    def __init__(self, name):
        self.arrays = recipe.fixture(f"layer_P_{name}")
        self.about = recipe.layer_about(name)
        self.is_convolution = name.startswith("temporal_conv")
        self.x = self.arrays["x"]
        if self.is_convolution:
            self.x = np.moveaxis(self.x, 1, 2)  # features before frames, there
            parts = self._temporal_convolution()
        elif name == "bilstm":
            parts = [(layers.BiLSTM(self.about["hidden_size"] // 2), "")]
        else:
            parts = [(layers.NormScaledDense(self.about["out"]), "")]
        if not self.is_convolution:
            ((self.layer, _),) = parts
            self.layer.build(self.x.shape)
        self.assignments = []
        for layer, prefix in parts:
            for one in assignments(layer, prefix):
                one.variable.assign(one.value(part(self.arrays, "w")))
                self.assignments.append(one)

    def _temporal_convolution(self):
        """The string of convolutions and poolings, and the dense layer upon it."""
        kernels = self.about.get("kernels", ("K5", "P2", "K5", "P2"))
        frames = keras.Input(self.x.shape[1:])
        count = keras.Input((), dtype="int32")
        x = temporal_convolution(FrameMask()([frames, count]), kernels, 8)
        dense = keras.layers.Dense(9)
        self.layer = keras.Model([frames, count], [x, dense(x)])
        parts, place, convolution = [(dense, "fc.")], 0, 0
        for kernel in kernels:
            if kernel[0] == "P":
                place += 1
                continue
            convolution += 1  # it, its norm and its ReLU have a number each
            for offset, kind in enumerate(("conv", "bn")):
                layer = self.layer.get_layer(f"temporal_{kind}{convolution}")
                parts.append((layer, f"temporal_conv.{place + offset}."))
            place += 3
        return parts

    def run(self, x, lengths=None, **kwargs):
        """The list of what comes out."""
        if lengths is None:
            lengths = self.about.get("lengths", [x.shape[1]] * x.shape[0])
        x = [x, ops.convert_to_tensor(np.array(lengths, "int32"))]
        if not self.is_convolution:
            return [self.layer(FrameMask()(x), **kwargs)]
        return self.layer(x, **kwargs)

    def expected(self, letters):
        names = sorted(name for name in self.arrays if name.rstrip("01") == letters)
        return [self.arrays[name] for name in names]

    def loss(self, x, **kwargs):
        outputs = self.run(x, **kwargs)
        pairs = zip(outputs, self.expected("g"), strict=True)
        return sum(ops.sum(y * ops.convert_to_tensor(g)) for y, g in pairs)


fixture = functools.cache(Fixture)


def assert_outputs(golden, outputs):
    for found, expected in zip(outputs, golden.expected("out"), strict=True):
        np.testing.assert_allclose(to_numpy(found), expected, atol=2e-5, rtol=0)


@every_layer
def test_outputs(name):
    golden = fixture(name)
    x = ops.convert_to_tensor(golden.x)
    for run in (golden.run, jit(golden.run)):
        assert_outputs(golden, run(x))


def assert_gradients(golden, **kwargs):
    found = gradient(lambda x: golden.loss(x, **kwargs), golden.x)
    if golden.is_convolution:
        found = np.moveaxis(found, 1, 2)
    np.testing.assert_allclose(found, golden.arrays["grad_x"], atol=1e-4, rtol=0)
    trained = [one for one in golden.assignments if one.variable.trainable]
    slopes = gradients(
        lambda: golden.loss(ops.convert_to_tensor(golden.x), **kwargs),
        [one.variable for one in trained],
    )
    torch_slopes = part(golden.arrays, "grad")
    assert {name for one in trained for name in one.sources} == set(torch_slopes)
    for one, slope in zip(trained, slopes, strict=True):
        expected = torch_slopes[one.sources[0]]
        if len(one.sources) == 1:  # two are biases that are added: one gradient
            expected = one.value(torch_slopes)
        np.testing.assert_allclose(slope, expected, atol=1e-4, rtol=0)


@every_layer
def test_gradients(name):
    assert_gradients(fixture(name))


def test_a_training_step_of_the_temporal_convolution():
    golden = Fixture(TRAINED)
    state = {
        one.sources[0]: (one, to_numpy(one.variable))
        for one in golden.assignments
        if not one.variable.trainable
    }
    assert_outputs(golden, golden.run(ops.convert_to_tensor(golden.x), training=True))
    steps = {"temporal_conv.1": 2 * 48, "temporal_conv.5": 2 * 20}
    moved = part(golden.arrays, "new")
    for name, (one, before) in state.items():
        now = to_numpy(one.variable)
        if name.endswith("running_var"):
            # Torch keeps the unbiased variance, Keras the one it divides by.
            count = steps[name.removesuffix(".running_var")]
            now = 0.9 * before + (now - 0.9 * before) * (count / (count - 1))
        np.testing.assert_allclose(now, moved.pop(name), atol=2e-5, rtol=0)
        one.variable.assign(before)
    assert not moved
    assert_gradients(golden, training=True)


@pytest.mark.parametrize("name", TYPES)
def test_steps_of_each_clip(name):
    golden = fixture(name)
    x = ops.convert_to_tensor(golden.x)
    y, _ = golden.run(x, golden.about["lengths_in"])
    mask = to_numpy(keras.src.backend.get_keras_mask(y))
    assert mask.sum(axis=1).tolist() == golden.about["lengths_out"]


@pytest.mark.parametrize("use_blank", [0, 1])
def test_distillation(use_blank):
    arrays = recipe.fixture("layer_P_distillation")
    teacher, student = (
        np.moveaxis(arrays[name].astype("float64"), 0, 1)
        for name in ("teacher", "student")
    )
    if use_blank:  # a class before it is the one that is left out
        teacher, student = (
            np.concatenate([logits[..., :1], logits], -1)
            for logits in (teacher, student)
        )
    teacher = ops.convert_to_tensor(teacher, dtype="float64")

    def loss(student):
        student = ops.convert_to_tensor(student, dtype="float64")
        return distillation_loss(teacher, student)

    expected = arrays[f"loss_use_blank_{use_blank}"]
    for run in (loss, jit(loss)):
        np.testing.assert_allclose(to_numpy(run(student)), expected, **FLOAT64)
    slope = np.moveaxis(gradient(loss, student), 1, 0)
    np.testing.assert_allclose(
        slope[..., use_blank:],
        arrays[f"grad_student_use_blank_{use_blank}"],
        atol=1e-6,
    )


def test_total_loss():
    """Both CTC losses, and the distillation as VAC counts it, padded steps too."""
    arrays = recipe.fixture("layer_P_total_loss")
    heads = ("conv_logits", "sequence_logits")
    values = {name: np.moveaxis(arrays[name], 0, 1) for name in heads}
    counts = arrays["label_lengths"]
    labels = np.zeros((2, counts.max()), "int32")
    labels[np.arange(counts.max()) < counts[:, None]] = arrays["labels_flat"]

    def loss(conv, sequence):
        ctc = sum(
            ops.mean(ops.ctc_loss(labels, x, counts, arrays["feat_len"], mask_index=0))
            for x in (conv, sequence)
        )
        return ctc + 25 * distillation_loss(sequence, conv)

    conv, sequence = map(ops.convert_to_tensor, values.values())
    np.testing.assert_allclose(to_numpy(loss(conv, sequence)), arrays["loss"], 1e-4)
    of_head = {
        "conv_logits": lambda x: loss(x, sequence),
        "sequence_logits": lambda x: loss(conv, x),
    }
    for name, value in values.items():
        slope = np.moveaxis(gradient(of_head[name], value), 1, 0)
        np.testing.assert_allclose(slope, arrays[f"grad_{name}"], atol=1e-4)


@pytest.mark.parametrize("entry", recipe.collated(), ids=lambda e: e["kernels"])
def test_frames_that_are_repeated(entry):
    layer = EdgeFrames(*edge_of(entry["kernels"].split(",")))
    clips = [entry["clip_lengths"][place] for place in entry["order"]]
    lengths = ops.convert_to_tensor(np.array(clips, "int32"))
    frames = np.tile(
        np.arange(max(clips), dtype="float32")[:, None], (len(clips), 1, 1)
    )
    x = FrameMask()([ops.convert_to_tensor(frames), lengths])
    y = layer(x)
    assert to_numpy(y)[..., 0].tolist() == entry["frames"]
    mask = to_numpy(keras.src.backend.get_keras_mask(y))
    assert mask.sum(axis=1).tolist() == entry["video_len"]
