"""The golden numbers: weights and clips made by their recipe, and what came out."""

import functools
import hashlib
import json
import pathlib

import numpy as np

FIXTURES = pathlib.Path(__file__).parents[1] / "golden" / "fixtures"
CASES = ("P48", "P61")

KINDS = {
    "matrix": lambda z: z * np.sqrt(2 / np.prod(z.shape[1:])),
    "gru_matrix": lambda z: z * np.sqrt(1 / z.shape[1]),
    "bias": lambda z: 0.05 * z,
    "bn_weight": lambda z: 1 + 0.1 * z,
    "bn_bias": lambda z: 0.1 * z,
    "bn_mean": lambda z: 0.1 * z,
    "bn_var": lambda z: np.exp(0.2 * z),
    "ln_scale": lambda z: 1 + 0.1 * z,
    "ln_shift": lambda z: 0.1 * z,
}


@functools.cache
def _manifest(file="manifest.json"):
    return json.loads((FIXTURES / file).read_text(encoding="utf-8"))


def case(case_id):
    """What the manifest says of a case."""
    return next(entry for entry in _manifest()["cases"] if entry["id"] == case_id)


def fixture(name):
    """The arrays of a fixture file, as a dict."""
    with np.load(FIXTURES / f"{name}.npz") as arrays:
        return dict(arrays)


def outputs(case_id, row):
    """What the source's network gave: logits, lengths, top-k indices."""
    return fixture(f"{case_id}_{row}")


def features(case_id):
    """What the source's backbone gave, `[B, T, 512]`."""
    return fixture(f"{case_id}_features")["features"]


def weights(case_id, row):
    """The state dict of a network of the source, second names included."""
    about = case(case_id)
    state_dict = {}
    for entry in _manifest()["models"][row]:
        name = entry["name"]
        if "alias_of" in entry:
            state_dict[name] = state_dict[entry["alias_of"]]
            continue
        of_backbone = name.startswith(("conv.", "bn.", "layers."))
        head_seed = about["models"][row]["head_seed"]
        seed = about["cnn_seed"] if of_backbone else head_seed
        shape = [about["vocab_size"] if s == "V" else s for s in entry["shape"]]
        z = stream(f"{seed}/{name}").standard_normal(shape)
        state_dict[name] = KINDS[entry["kind"]](z).astype("float32")
    for name, total in about["models"][row]["weight_sums"].items():
        np.testing.assert_allclose(state_dict[name].sum(dtype="float64"), total, 1e-4)
    return state_dict


def narrow(row, width, num_classes=20, seed=0):
    """A state dict of a row with scaled channels: the right shapes, random numbers."""
    rng = np.random.default_rng(seed)
    state_dict = {}
    for entry in _manifest()["models"][row]:
        if "alias_of" in entry:
            state_dict[entry["name"]] = state_dict[entry["alias_of"]]
            continue
        shape = [_scaled(size, width, num_classes) for size in entry["shape"]]
        z = rng.standard_normal(shape)
        state_dict[entry["name"]] = KINDS[entry["kind"]](z).astype("float32")
    return state_dict


def _scaled(size, width, num_classes):
    if size == "V":
        return num_classes
    if size == 1536:  # three gates
        return 3 * round(512 * width)
    return max(1, round(size * width)) if size >= 32 else size


def random_video(seed, batch, length, height, width):
    """Clips that move: uint8 `[B, T, 3, H, W]`, H and W multiples of 14."""
    rng = stream(f"{seed}/video")
    basis = rng.random((batch, 4, 3, 14, 14))
    phase = rng.random((batch, 4))
    jitter = rng.random((batch, length, 4))
    noise = rng.random((batch, length, 3, height, width))
    turns = np.array([1, 2, 3, 5]) * np.arange(length)[:, None] / length  # (T, 4)
    waves = 0.5 + 0.5 * np.sin(2 * np.pi * (turns + phase[:, None]))
    waves = 0.8 * waves + 0.2 * jitter  # (B, T, 4)
    low = sum(
        waves[:, :, k, None, None, None] * basis[:, None, k] for k in range(4)
    )  # (B, T, 3, 14, 14)
    big = low.repeat(height // 14, axis=3).repeat(width // 14, axis=4)
    pixels = np.clip(0.45 * big + 0.2 * (noise - 0.5), 0, 0.999)
    return np.floor(256 * pixels).astype("uint8")


@functools.cache
def video(case_id):
    """The clips of a case: float32 `[B, T, H, W, 3]`, 0..1."""
    about = case(case_id)
    pixels = random_video(about["input_seed"], *(about[letter] for letter in "BTHW"))
    found = hashlib.sha256(pixels.tobytes()).hexdigest()
    assert found == about["video_sha256_u8"]
    return pixels.transpose(0, 1, 3, 4, 2).astype("float32") / np.float32(255)


def layer_about(name):
    """What `layers.json` says of a layer fixture."""
    layers = _manifest("layers.json")["layers"]
    return next(entry for entry in layers if entry["file"] == f"{name}.npz")


def part(arrays, folder):
    """The arrays of a fixture whose name begins with `folder/`, without it."""
    return {
        name.removeprefix(f"{folder}/"): array
        for name, array in arrays.items()
        if name.startswith(f"{folder}/")
    }


def stream(text):
    digest = hashlib.sha256(text.encode()).digest()[:8]
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "little")))
