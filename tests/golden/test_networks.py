"""VAC and SMKD with the published code's weights: outputs, losses, gradients."""

import functools

import keras
import numpy as np
import pytest
from keras import ops

from dtf_keras import convert, decoding
from dtf_keras.models.losses.distillation import distillation_loss
from tests.helpers import network_recipe as recipe
from tests.helpers.backends import called, gradients, jit, to_numpy
from tests.helpers.golden_recipe import part

SMALL = [("PS", "vac"), ("PS", "vac_smkd"), ("PS", "vac_norm")]
FULL_SIZE = [("PX", "vac"), ("PX", "vac_smkd")]
TRAINED = ["vac", "vac_smkd"]
PARTS = {
    "framewise": "backbone",
    "visual_feat": "temporal_pool2",
    "lstm_out": "lstm",
    "conv_logits": "distillation",
}
TOLERANCE = {"atol": 5e-5, "rtol": 2e-5}
FAR = {"visual_feat": {"atol": 2e-4, "rtol": 0}}
EVAL, TRAIN = "PG", "PT"


class Network:
    """A network with a case's weights, its clips, and what came out of them."""

    def __init__(self, case_id, network):
        self.about = recipe.case(case_id, network)
        self.golden = recipe.outputs(case_id, network)
        self.lengths = self.golden["feat_len"].tolist()
        self.x = recipe.video(case_id, network)
        self.conversion = convert.convert(
            recipe.weights(case_id, network),
            frame_size=(self.about["H"], self.about["W"]),
            dropout=0.0,
            distillation=25.0,
        )
        self.model = self.conversion.model
        assert self.model.name == network.replace("vac_norm", "vac")
        outputs = {
            name: self.model.get_layer(own).output for name, own in PARTS.items()
        }
        outputs["sequence_logits"] = self.model.get_layer("logits").input
        self.parts = keras.Model(self.model.inputs, outputs)

    def inputs(self, x):
        """What `parts` is called on."""
        return [ops.convert_to_tensor(x[one.name]) for one in self.model.inputs]

    def alone(self, clip):
        """The clip by itself, without padding."""
        count = self.about["clip_lengths"][clip]
        video = self.x["video"][clip : clip + 1, :count]
        return {"video": video, "num_frames": np.array([count], "int32")}

    def labels(self):
        """Class ids `[B, L]`, padded with 0, and the number of each clip's."""
        counts = np.array([len(one) for one in self.about["labels"]])
        labels = np.zeros((len(counts), counts.max()), "int32")
        for row, one in zip(labels, self.about["labels"], strict=True):
            row[: len(one)] = one
        return labels, counts

    def losses(self, training):
        """The parts of the published loss, unweighted: all steps are distilled."""
        heads = self.parts(self.inputs(self.x), training=training)
        conv, sequence = heads["conv_logits"], heads["sequence_logits"]
        labels, counts = self.labels()

        def ctc(logits):
            steps = self.golden["feat_len"]
            return ops.mean(ops.ctc_loss(labels, logits, counts, steps, mask_index=0))

        return {
            "SeqCTC": ctc(sequence),
            "ConvCTC": ctc(conv),
            "Dist": distillation_loss(sequence, conv),
        }

    def loss(self, training):
        weights = self.about["loss_weights"]
        parts = self.losses(training)
        return sum(weight * parts[name] for name, weight in weights.items())


network = functools.cache(Network)


def assert_parts(found, golden, lengths, prefix=""):
    """Equal on every real step; where features are zero on padding, there too."""
    for name, value in found.items():
        if prefix + name not in golden:
            continue
        value, expected = to_numpy(value), golden[prefix + name]
        assert value.shape == expected.shape
        tolerance = FAR.get(name, TOLERANCE)
        for own, other, n in zip(value, expected, lengths, strict=True):
            n = len(own) if name in ("framewise", "lstm_out") else n
            np.testing.assert_allclose(own[:n], other[:n], **tolerance, err_msg=name)


@pytest.mark.parametrize(("case_id", "name"), SMALL)
def test_every_part_of_a_padded_batch(case_id, name):
    net = network(case_id, name)
    x = net.inputs(net.x)
    assert_parts(jit(net.parts)(x), net.golden, net.lengths)
    if keras.backend.backend() == "tensorflow":  # JAX would compile each operation
        assert_parts(net.parts(x), net.golden, net.lengths)


@pytest.mark.parametrize("clip", [0, 1])
@pytest.mark.parametrize(("case_id", "name"), SMALL)
def test_a_clip_alone(case_id, name, clip):
    net = network(case_id, name)
    found = jit(net.parts)(net.inputs(net.alone(clip)))
    assert_parts(found, net.golden, [net.lengths[clip]], f"alone{clip}/")


@pytest.mark.parametrize(("case_id", "name"), SMALL)
def test_logits_lengths_and_glosses(case_id, name):
    net = network(case_id, name)
    logits = net.model.predict_on_batch(net.x)
    assert to_numpy(net.model.valid_steps(logits)).tolist() == net.lengths
    assert_parts({"sequence_logits": logits}, net.golden, net.lengths)
    for head, found in (("sequence", logits), ("conv", net.golden["conv_logits"])):
        glosses = decoding.greedy(found, net.lengths)
        assert [merged(row) for row in glosses] == net.about[f"greedy_{head}"]


def merged(glosses):
    """Equal neighbours once, as the published decoder leaves them."""
    following = zip(glosses, [None, *glosses], strict=False)
    return [gloss for gloss, before in following if gloss != before]


@pytest.mark.parametrize(("case_id", "name"), FULL_SIZE)
def test_pictures_of_224_pixels(case_id, name):
    try:
        net = network(case_id, name)
    except recipe.Missing as reason:
        pytest.skip(str(reason))
    found = jit(net.parts)(net.inputs(net.x))
    assert_parts(found, net.golden, net.lengths)


@pytest.mark.parametrize("name", TRAINED)
def test_losses_of_a_padded_batch(name):
    net = network(EVAL, name)
    parts = {k: float(to_numpy(v)) for k, v in net.losses(training=False).items()}
    assert parts == pytest.approx(net.about["loss_parts_unweighted"], rel=1e-4)
    loss = to_numpy(net.loss(training=False))
    np.testing.assert_allclose(loss, net.about["loss_f64"], 1e-4)


def assert_gradients(net, slopes, share):
    """Along a random direction, and all numbers of those that are stored whole."""
    names, golden = net.about["grad_names"], net.golden
    trained = [one for one in net.conversion.assignments if one.variable.trainable]
    seen = set()
    for one, slope in zip(trained, slopes, strict=True):
        for source in one.sources:
            name = source if source in names else "conv1d.fc.weight"  # a shared one
            seen.add(name)
            norm = golden["grad_norm_f64"][names.index(name)]
            if norm < 1e-9:  # zero, but for rounding
                continue
            (shape, *_) = one.shapes()
            way = recipe.direction(net.about, name, shape)
            along = np.sum(laid_out(one, way) * slope)
            errors = [abs(along - golden["grad_proj_f64"][names.index(name)])]
            if f"grad/{name}" in golden:
                whole = laid_out(one, golden[f"grad/{name}"])
                errors.append(np.linalg.norm(slope - whole))
            assert max(errors) <= share * norm, name
    assert seen == set(names)


def laid_out(assignment, tensor):
    """A tensor of torch in the layout of our variable.

    Two biases that are added have the same gradient: that of our one.
    """
    if len(assignment.sources) > 1:
        return tensor
    return assignment.value({assignment.sources[0]: tensor})


def trained_variables(net):
    return [a.variable for a in net.conversion.assignments if a.variable.trainable]


@pytest.mark.parametrize("name", TRAINED)
def test_gradients_of_a_padded_batch(name):
    net = network(EVAL, name)
    slopes = gradients(lambda: net.loss(training=False), trained_variables(net))
    assert_gradients(net, slopes, 5e-3)


@pytest.mark.parametrize("name", TRAINED)
def test_a_training_step(name):
    net = network(TRAIN, name)
    before = net.model.get_weights()
    slopes = gradients(lambda: net.loss(training=True), trained_variables(net))
    assert_gradients(net, slopes, 1e-1)
    net.model.set_weights(before)
    heads = called(net.parts, net.inputs(net.x), training=True)
    assert_parts(heads, net.golden, net.lengths)
    assert_statistics(net)
    net.model.set_weights(before)
    net.model.compile()
    labels, _ = net.labels()
    x = {name: ops.convert_to_tensor(value) for name, value in net.x.items()}
    y = net.model(x, training=True)
    loss = net.model.compute_loss(x, ops.convert_to_tensor(labels), y)
    np.testing.assert_allclose(to_numpy(loss), net.about["loss_f64"], 1e-4)
    net.model.set_weights(before)


def assert_statistics(net):
    """The batch norms' new means and variances; torch keeps the unbiased variance."""
    frames, height, width = 2 * net.about["video_len"][0], 56, 70
    counts = {
        "conv2d.bn1": frames * height // 2 * width // 2,
        "conv2d.layer1": frames * 14 * 18,
        "conv1d.temporal_conv.1": frames - 2 * 4,
        "conv1d.temporal_conv.5": (frames - 2 * 4) // 2 - 2 * 4,
    }
    moved = part(net.golden, "new")
    assert len(moved) == 2 * (1 + 4 + 2)
    olds = recipe.weights(TRAIN, net.about["model"])
    for one in net.conversion.assignments:
        (name, *_) = one.sources
        if name not in moved:
            continue
        now = to_numpy(one.variable)
        if name.endswith("running_var"):
            count = next(n for layer, n in counts.items() if name.startswith(layer))
            old = 0.9 * olds[name]
            now = old + (now - old) * (count / (count - 1))
        np.testing.assert_allclose(now, moved.pop(name), atol=2e-5, rtol=2e-5)
    assert not moved
