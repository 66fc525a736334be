"""VAC and SMKD with the published code's weights: outputs, losses, gradients."""

import keras
import numpy as np
import pytest
from keras import ops

from dtf_keras import convert, decoding
from dtf_keras.models.losses.distillation import distillation_loss
from tests.helpers import network_recipe as recipe
from tests.helpers.backends import called, gradients, jit, to_numpy
from tests.helpers.golden_recipe import part

PARTS = {
    "framewise": "backbone",
    "visual_feat": "temporal_pool2",
    "lstm_out": "lstm",
    "conv_logits": "distillation",
}
TOLERANCE = {"atol": 5e-5, "rtol": 2e-5}
FAR = {"visual_feat": {"atol": 2e-4, "rtol": 0}}


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

    def run(self, x, training=False):
        """What comes out of each part, as numpy."""
        return called(self.parts, self.inputs(x), training=training)

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

    def losses(self, heads):
        """The parts of the published loss, unweighted: all steps are distilled."""
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

    def slopes(self, training):
        """The gradient of the loss by every trained variable, in their order."""

        def loss():
            heads = self.parts(self.inputs(self.x), training=training)
            weights, parts = self.about["loss_weights"], self.losses(heads)
            return sum(weight * parts[name] for name, weight in weights.items())

        return gradients(loss, [one.variable for one in self.trained()])

    def trained(self):
        """The `Assignment`s of trained variables."""
        return [one for one in self.conversion.assignments if one.variable.trainable]


def networks(case_id, *names):
    """A fixture that makes one network after another: each has 130 MB of weights."""

    @pytest.fixture(scope="module", params=names)
    def network(request):
        try:
            return Network(case_id, request.param)
        except recipe.Missing as reason:
            pytest.skip(str(reason))

    return network


small = networks("PS", "vac", "vac_smkd", "vac_norm")
full_size = networks("PX", "vac", "vac_smkd")
padded = networks("PG", "vac", "vac_smkd")
trained = networks("PT", "vac", "vac_smkd")


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


def test_every_part_of_a_padded_batch(small):
    assert_parts(small.run(small.x), small.golden, small.lengths)
    if keras.backend.backend() == "tensorflow":  # under XLA as well
        found = jit(small.parts)(small.inputs(small.x))
        assert_parts(found, small.golden, small.lengths)


@pytest.mark.parametrize("clip", [0, 1])
def test_a_clip_alone(small, clip):
    found = small.run(small.alone(clip))
    assert_parts(found, small.golden, [small.lengths[clip]], f"alone{clip}/")


def test_logits_lengths_and_glosses(small):
    logits = small.model.predict_on_batch(small.x)
    assert to_numpy(small.model.valid_steps(logits)).tolist() == small.lengths
    assert_parts({"sequence_logits": logits}, small.golden, small.lengths)
    conv = small.run(small.x)["conv_logits"]
    for head, found in (("sequence", logits), ("conv", conv)):
        glosses = decoding.greedy(found, small.lengths)
        assert [merged(row) for row in glosses] == small.about[f"greedy_{head}"]


def merged(glosses):
    """Equal neighbours once, as the published decoder leaves them."""
    following = zip(glosses, [None, *glosses], strict=False)
    return [gloss for gloss, before in following if gloss != before]


def test_pictures_of_224_pixels(full_size):
    found = full_size.run(full_size.x)
    assert_parts(found, full_size.golden, full_size.lengths)


def test_losses_of_a_padded_batch(padded):
    parts = padded.losses(padded.run(padded.x))
    said = padded.about["loss_parts_unweighted"]
    assert {k: float(to_numpy(v)) for k, v in parts.items()} == pytest.approx(
        said, 1e-4
    )


def test_gradients_of_a_padded_batch(padded):
    assert_gradients(padded, padded.slopes(training=False), 5e-3)


def test_gradients_and_new_statistics_of_a_training_step(trained):
    before = trained.model.get_weights()
    assert_gradients(trained, trained.slopes(training=True), 1e-1)
    trained.model.set_weights(before)
    found = trained.run(trained.x, training=True)
    assert_parts(found, trained.golden, trained.lengths)
    assert_statistics(trained)
    trained.model.set_weights(before)


def test_what_fit_minimises(trained):
    """Without padding the distillation of real steps is the published one."""
    if keras.backend.backend() == "jax" and trained.about["model"] != "vac":
        pytest.skip("JAX compiles a training step for long: that of VAC is enough")
    before = trained.model.get_weights()
    trained.model.compile(keras.optimizers.SGD(0.0))
    labels, _ = trained.labels()
    logs = trained.model.train_on_batch(trained.x, labels, return_dict=True)
    trained.model.set_weights(before)
    parts = trained.about["loss_parts_unweighted"]
    said = [trained.about["loss_f64"], parts["SeqCTC"], parts["ConvCTC"]]
    names = ("loss", "logits_loss", "conv_logits_loss")
    assert [float(logs[name]) for name in names] == pytest.approx(said, 1e-4)


def assert_gradients(net, slopes, share):
    """Along a random direction, and all numbers of those that are stored whole."""
    names, golden = net.about["grad_names"], net.golden
    seen = set()
    for one, slope in zip(net.trained(), slopes, strict=True):
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
    olds = recipe.weights("PT", net.about["model"])
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
