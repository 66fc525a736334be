"""A published network in the zoo's form, with a golden case's weights and clips."""

import contextlib

import keras
import numpy as np
import pytest
from keras import ops

from dtf_keras import convert, models
from dtf_keras.layers import LiftingPool
from dtf_keras.models.losses.distillation import distillation_loss
from tests.helpers import network_recipe as recipe
from tests.helpers.backends import called, gradients, jit, to_numpy

ZOO = {
    "vac": "vac",
    "vac_smkd": "vac_smkd",
    "vac_norm": "vac",
    "sen": "sen",
    "tlp": "tlp",
    "slowfast": "slowfast_sign",
    "corrnet": "corrnet",
    "corrnet_csldaily": "corrnet",
    "corrnet_plus": "corrnet_plus",
}
"""The zoo's name of each network that has golden cases."""

PARTS = {
    "framewise": "backbone",
    "visual_feat": "temporal_pool2",
    "lstm_out": "lstm",
}

SIDES = {"": "", "slow_": "_1", "fast_": "_2"}
"""What golden cases put behind the names of a path's heads, by the zoo's prefix."""


class Network:
    """A network with a case's weights, its clips, and what came out of them.

    Args:
        case_id: such as "PS".
        network: a key of `ZOO`.
        source_padding: whether padding is read as in the source, where that matters.
    """

    def __init__(self, case_id, network, source_padding=True):
        self.about = recipe.case(case_id, network)
        self.golden = recipe.outputs(case_id, network)
        self.lengths = self.golden["feat_len"].tolist()
        self.x = recipe.video(case_id, network)
        options = {"dropout": 0.0, "distillation": 25.0}
        if has_option(network, "feature_dropout"):
            options["feature_dropout"] = 0.0
        if reads_padding(network):
            options["source_padding"] = source_padding
        self.conversion = convert.convert(
            recipe.weights(case_id, network),
            frame_size=(self.about["H"], self.about["W"]),
            **options,
        )
        self.model = self.conversion.model
        assert self.model.name == ZOO[network]
        outputs = {
            name: self.model.get_layer(own).output for name, own in PARTS.items()
        }
        for path, ending in SIDES.items():
            for ours, theirs in (("logits", "sequence"), ("conv_logits", "conv")):
                if path + ours in self.model.heads:
                    padded = self.model.get_layer(path + ours)
                    outputs[f"{theirs}_logits{ending}"] = padded.input
        self.pools = {
            layer.name: layer
            for layer in self.model.layers
            if isinstance(layer, LiftingPool)
        }
        outputs.update({name: pool.input for name, pool in self.pools.items()})
        self.parts = keras.Model(self.model.inputs, outputs)

    def inputs(self, x):
        """What `parts` is called on."""
        return [ops.convert_to_tensor(x[one.name]) for one in self.model.inputs]

    def run(self, x, training=False):
        """What comes out of each part, as numpy."""
        return called(self.parts, self.inputs(x), training=training)

    def modules(self, layers, x):
        """What layers inside the backbone give of the first clip.

        Args:
            layers: dict of published names to layers.

        Returns:
            Dict of arrays, of the frames that the manifest names: `NAME/mean` over the
            picture, and `NAME/pixel`, at one place of it.
        """

        def run(inputs):
            outputs = {}
            with contextlib.ExitStack() as stack:
                for name, layer in layers.items():
                    stack.enter_context(recorded(layer, outputs, name))
                self.parts(inputs)
            return outputs

        found = {}
        for name, whole in jit(run)(self.inputs(x)).items():
            frames = to_numpy(whole)[0, self.about["stage_frames"][name]]
            _, height, width, _ = frames.shape
            found[f"{name}/mean"] = frames.mean(axis=(1, 2))
            found[f"{name}/pixel"] = frames[:, height // 2, width // 3]
        return found

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
        losses = self._losses_of_path(heads, "")
        for name, ending in (("Slow", "_1"), ("Fast", "_2")):
            if name in self.about["loss_weights"]:
                of_path = self._losses_of_path(heads, ending)
                losses[name] = self._weighted(of_path)
        return losses

    def _weighted(self, losses):
        weights = self.about["loss_weights"]
        return sum(weights[name] * loss for name, loss in losses.items())

    def _losses_of_path(self, heads, ending):
        conv, sequence = (heads[f"{n}_logits{ending}"] for n in ("conv", "sequence"))
        labels, counts = self.labels()

        def ctc(logits):
            steps = self.golden["feat_len"]
            return ops.mean(ops.ctc_loss(labels, logits, counts, steps, mask_index=0))

        parts = {
            "SeqCTC": ctc(sequence),
            "ConvCTC": ctc(conv),
            "Dist": distillation_loss(sequence, conv),
        }
        lifted = [pool.lift(heads[name]) for name, pool in self.pools.items()]
        if lifted:
            _, update, prediction = zip(*lifted, strict=True)
            parts |= {"Cu": sum(update), "Cp": sum(prediction)}
        return parts

    def slopes(self, training):
        """The gradient of the loss by every trained variable, in their order."""

        def loss():
            heads = self.parts(self.inputs(self.x), training=training)
            return self._weighted(self.losses(heads))

        return gradients(loss, [one.variable for one in self.trained()])

    def module(self, layer):
        """The beginning of the published names of a layer's tensors."""
        return self.conversion.family.modules[layer]

    def trained(self):
        """The `Assignment`s of trained variables; in evaluation some are not used."""
        idle = self.about["no_gradient"]
        return [
            one
            for one in self.conversion.assignments
            if one.variable.trainable and self.golden_name(one.sources[0]) not in idle
        ]

    def golden_name(self, source):
        """The name under which the gradient of a tensor is kept, a shared one too."""
        shared = source.replace("classifier.", "conv1d.fc.")
        return source if source in self.about["grad_names"] else shared


@contextlib.contextmanager
def recorded(layer, outputs, name):
    """While it lasts, what a layer gives is in `outputs` under that name."""
    call = layer.call

    def and_record(*args, **kwargs):
        outputs[name] = call(*args, **kwargs)
        return outputs[name]

    layer.call = and_record
    try:
        yield
    finally:
        layer.call = call


def reads_padding(network):
    """Whether a clip of the published network depends on the clips beside it."""
    return has_option(network, "source_padding")


def has_option(network, option):
    """Whether the zoo's form of a network has an option."""
    return option in models.entry(ZOO[network]).config.__dataclass_fields__


def networks(case_id, *names, source_padding=True):
    """A fixture that makes one network after another: each has 130 MB of weights."""

    @pytest.fixture(scope="module", params=names)
    def network(request):
        try:
            return Network(case_id, request.param, source_padding)
        except recipe.Missing as reason:
            pytest.skip(str(reason))

    return network
