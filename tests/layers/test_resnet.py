"""ResNets of frames: their padding, their sizes, what may be put into them."""

import keras
import numpy as np
import pytest
from keras import ops

from dtf_keras import layers
from dtf_keras.layers import FrameMask, TimeGeometry
from tests.helpers.backends import to_numpy

SMALL = {"width": 0.0625, "blocks": (1, 2, 1, 1)}
VIDEO = np.random.default_rng(0).normal(size=(2, 4, 20, 27, 3)).astype("float32")


def masked(x, lengths):
    return FrameMask()(
        [ops.convert_to_tensor(x), ops.convert_to_tensor(np.array(lengths, "int32"))]
    )


@keras.saving.register_keras_serializable(package="test")
class Later(keras.layers.Layer):
    """Adds a share of the next real frame; the last one takes itself."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, input_shape):
        self.share = self.add_weight((), initializer="ones", name="share")
        self.built = True

    def call(self, x, mask=None):
        later = ops.concatenate([x[:, 1:], x[:, -1:]], axis=1)
        real = ops.concatenate([mask[:, 1:], mask[:, -1:] & False], axis=1)
        return x + self.share * ops.where(real[..., None, None, None], later, x)

    def compute_output_shape(self, input_shape):
        return input_shape

    def count_macs(self, input_shape):
        return 1000

    def time_geometry(self):
        return TimeGeometry(before=0, after=1)


@pytest.mark.parametrize("size", [1, 2, 7, 8])
@pytest.mark.parametrize(("kernel_size", "strides"), [(3, 1), (3, 2), (7, 2), (1, 2)])
def test_a_convolution_pads_all_sides_alike(kernel_size, strides, size):
    x = np.random.default_rng(size).normal(size=(1, 1, size, 6, 2)).astype("float32")
    layer = layers.FrameConv2D(3, kernel_size, strides)
    found = to_numpy(layer(x))[0, 0]
    kernel, half = to_numpy(layer.kernel), kernel_size // 2
    padded = np.pad(x[0, 0], [(half, half), (half, half), (0, 0)])
    for row, column in np.ndindex(found.shape[:2]):
        top, left = strides * row, strides * column
        window = padded[top : top + kernel_size, left : left + kernel_size]
        expected = np.einsum("hwi,hwio->o", window, kernel)
        np.testing.assert_allclose(found[row, column], expected, atol=1e-5)
    assert strides * found.shape[0] >= size > strides * (found.shape[0] - 1)


@pytest.mark.parametrize("kernel_size", [2, (3, 5)])
def test_a_convolution_refuses_a_kernel_without_a_middle(kernel_size):
    with pytest.raises(ValueError, match="square and odd"):
        layers.FrameConv2D(4, kernel_size)


def test_resnet_18_has_its_size():
    layer = layers.ResNet(name="backbone")
    layer.build((None, None, 224, 224, 3))
    assert layer.count_params() == 11_176_512 + 2 * 4800  # moving statistics
    assert sum(v.numpy().size for v in layer.trainable_variables) == 11_176_512
    assert round(layer.count_macs((1, 224, 224, 3)) / 1e9, 3) == 1.814
    paths = {variable.path for variable in layer.trainable_variables}
    assert "backbone/layer3_0/downsample_conv/kernel" in paths
    assert "backbone/bn1/gamma" in paths


def test_features_of_padded_frames_are_zero():
    y = to_numpy(layers.ResNet(**SMALL)(masked(VIDEO, [4, 2])))
    assert (y[1, 2:] == 0).all()
    assert (np.abs(y).max(axis=-1)[:, :2] > 0).all()


def test_layers_after_stages_and_in_blocks_see_frames_and_their_mask():
    plain = layers.ResNet(**SMALL)
    put_in = layers.ResNet(
        **SMALL,
        after_stages=[None, Later(), None, Later()],
        in_blocks=[None, None, Later(), None, None],
    )
    for layer in (plain, put_in):
        layer.build(VIDEO.shape)
    both = masked(VIDEO, [4, 2])
    assert np.abs(to_numpy(put_in(both)) - to_numpy(plain(both))).max() > 1e-3
    alone = to_numpy(put_in(VIDEO[1:, :2]))
    np.testing.assert_allclose(to_numpy(put_in(both))[1:, :2], alone, atol=1e-5)
    assert len(put_in.trainable_variables) == len(plain.trainable_variables) + 3
    geometry = put_in.time_geometry()
    assert (geometry.before, geometry.after) == (0, 3)
    more = put_in.count_macs(VIDEO.shape[1:]) - plain.count_macs(VIDEO.shape[1:])
    assert more == 3000


def test_layers_that_were_put_in_are_saved(tmp_path):
    layer = layers.ResNet(
        **SMALL,
        after_stages=[None, Later(), None, None],
        in_blocks=[Later()] + [None] * 4,
    )
    video = keras.Input(VIDEO.shape[1:])
    model = keras.Model(video, layer(video))
    for variable in model.variables:
        variable.assign(variable + 0.1)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(
        loaded.predict_on_batch(VIDEO), model.predict_on_batch(VIDEO)
    )


def test_a_layer_that_looks_at_the_whole_clip_makes_the_network_do_so():
    class Whole(Later):
        def time_geometry(self):
            return layers.WHOLE_CLIP

    layer = layers.ResNet(**SMALL, in_blocks=[Whole()] + [None] * 4)
    assert not layer.time_geometry().bounded
    assert layers.ResNet(**SMALL).time_geometry() == layers.STEP_BY_STEP


def test_layers_to_put_in_must_be_as_many_as_their_places():
    with pytest.raises(ValueError, match="after_stages has a layer or None for each"):
        layers.ResNet(**SMALL, after_stages=[None])
    with pytest.raises(ValueError, match="each of 5"):
        layers.ResNet(**SMALL, in_blocks=[None] * 4)
