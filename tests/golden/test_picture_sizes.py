"""A network of the source on pictures that are not square, run in torch beside ours."""

import keras
import numpy as np
import pytest

from dtf_keras import convert
from tests.helpers import golden_recipe as recipe
from tests.helpers.backends import to_numpy

torch = pytest.importorskip("torch")


class Network:
    """full_conv in plain torch, from a state dict."""

    def __init__(self, state_dict):
        self.weights = {name: torch.tensor(x) for name, x in state_dict.items()}

    def unit(self, x, convolution, norm):
        """Convolution that keeps the size, norm, ReLU."""
        kernel = self.weights[f"{convolution}.weight"]
        bias = self.weights.get(f"{convolution}.bias")
        convolve = (torch.conv1d, torch.conv2d)[kernel.ndim - 3]
        x = convolve(x, kernel, bias, padding=kernel.shape[-1] // 2)
        parts = ("running_mean", "running_var", "weight", "bias")
        values = [self.weights[f"{norm}.{part}"] for part in parts]
        return torch.relu(torch.nn.functional.batch_norm(x, *values, eps=1e-5))

    def features(self, video):
        """`[B, T, 3, H, W]` -> `[B, T, D]`."""
        pool = torch.nn.functional.max_pool2d
        x = pool(self.unit(video.flatten(0, 1), "conv", "bn"), 2)
        for n in range(4):
            x = pool(self.unit(x, f"layers.{n}.conv1", f"layers.{n}.bn1"), 2)
            x = self.unit(x, f"layers.{n}.conv2", f"layers.{n}.bn2")
        return x.mean((2, 3)).unflatten(0, video.shape[:2])

    def logits(self, video):
        """`[B, T, 3, H, W]` -> `[B, T', V]`."""
        x = self.features(video).transpose(1, 2)
        for n in (1, 2):
            x = self.unit(x, f"enc1_conv{n}", f"enc1_bn{n}")
            x = torch.nn.functional.max_pool1d(x, 2)
        x = self.unit(x, "enc2_conv", "enc2_bn").transpose(1, 2)
        return x @ self.weights["fc.weight"].T + self.weights["fc.bias"]


@pytest.mark.parametrize("size", [(84, 126), (70, 42)])
def test_logits_of_pictures_that_are_not_square(size):
    state_dict = recipe.weights("P61", "full_conv")
    height, width = size
    video = recipe.video("P61")[:, :24, :height].repeat(2, axis=3)[:, :, :, :width]
    with torch.no_grad():
        channels_first = torch.tensor(video.transpose(0, 1, 4, 2, 3))
        expected = Network(state_dict).logits(channels_first).numpy()
    conversion = convert.convert(state_dict, frame_size=size)
    model, x = conversion.model, {"video": video}
    compiled = keras.backend.backend() == "jax"
    logits = to_numpy(model.predict_on_batch(x) if compiled else model(x))
    assert logits.shape[1] == expected.shape[1] == 6
    np.testing.assert_allclose(
        logits, expected[..., conversion.classes], atol=2e-5, rtol=0
    )
