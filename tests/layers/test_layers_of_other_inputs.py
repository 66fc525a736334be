"""Layers that the common tests cannot call, in the layer test of Keras."""

import numpy as np
import pytest
from keras import ops
from keras.src import testing

from dtf_keras import layers
from dtf_keras.layers.fusion.neighbour_fusion import FUSIONS

CLIPS = (2, 9, 8)
PAIRS = {
    layers.FrameMask: {
        "input_shape": (CLIPS, (2,)),
        "input_dtype": ("float32", "int32"),
    },
    layers.MaskLike: {"input_shape": (CLIPS, (2, 9, 3))},
}


def passes(cls, options=None, **more):
    testing.TestCase().run_layer_test(
        cls, init_kwargs=options or {}, supports_masking=True, **more
    )


@pytest.mark.parametrize("cls", PAIRS, ids=lambda cls: cls.__name__)
def test_layers_of_two_inputs_give_a_mask(cls):
    passes(cls, **PAIRS[cls], expected_output_shape=CLIPS, expected_mask_shape=(2, 9))


def test_the_mask_of_the_longest_clip():
    passes(layers.LongestClipMask, input_shape=CLIPS, expected_mask_shape=(2, 9))


@pytest.mark.parametrize("active_in_training", [True, False])
def test_blank_padding(active_in_training):
    options = {"active_in_training": active_in_training}
    passes(layers.BlankPadding, options, input_shape=CLIPS)


def test_batch_norm_of_images():
    passes(
        layers.FrameBatchNormalization,
        input_shape=(3, 4, 4, 2),
        expected_num_trainable_weights=2,
        expected_num_non_trainable_weights=2,
    )


@pytest.mark.parametrize("cls", FUSIONS.values())
def test_fusions_of_given_neighbours(cls):
    frames = np.arange(9)[None, :, None] + np.zeros((2, 9, 3), "int32")
    near = layers.Neighbourhood(
        ops.convert_to_tensor(frames.astype("int32")),
        ops.ones((2, 9, 3), dtype="bool"),
    )
    passes(
        cls,
        {"window": 3},
        input_shape=CLIPS,
        call_kwargs={"neighbourhood": near},
        # These two call without the neighbours.
        run_training_check=False,
        run_mixed_precision_check=False,
    )


def test_what_a_layer_chooses():
    passes(
        layers.ChosenNeighbours,
        {"fusion": layers.TemporalAttention4(window=3)},
        input_shape=CLIPS,
        expected_output_shape=((2, 2), (2, 2, 3), (2, 2, 3)),
        expected_output_dtype=("int32", "int32", "bool"),
        run_training_check=False,  # indices have no gradient
    )
