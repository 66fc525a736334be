"""The golden numbers of other people's networks: weights, clips, what came out."""

import functools
import hashlib
import json
import pathlib
import re

import numpy as np

from tests.helpers import golden_recipe

FIXTURES = golden_recipe.FIXTURES / "networks"
PLACES = [FIXTURES] + [
    folder / "shared" / "networks" / "public"
    for folder in pathlib.Path(__file__).parents
]
"""Folders of fixture files; the larger ones lie beside the repository, or nowhere."""

_KINDS = {
    **golden_recipe.KINDS,
    "bn_weight_res": lambda z: 0.4 + 0.1 * z,
    "bn_weight_deep": lambda z: 0.15 + 0.05 * z,
    "in_weight": lambda z: 1 + 0.1 * z,
    "in_bias": lambda z: 0.1 * z,
    "matrix_small": lambda z: 0.05 * golden_recipe.KINDS["matrix"](z),
    "query": lambda z: 0.5 + 0.2 * z,
    "gate": lambda z: 0.5 + 0.1 * z,
    "mix": lambda z: 1 / len(z) + 0.1 * z,
    "rnn_matrix": lambda z: z * np.sqrt(3 / z.shape[1]),
    "norm_matrix": lambda z: z,
}


class Missing(Exception):
    """A fixture file that is not here."""


@functools.cache
def _json(file, place):
    return json.loads((place / file).read_text(encoding="utf-8"))


def _place(file):
    for place in PLACES:
        if (place / file).is_file():
            return place
    raise Missing(f"{file} is not here")


def fixture(name):
    """The arrays of a fixture file, as a dict."""
    with np.load(_place(f"{name}.npz") / f"{name}.npz") as arrays:
        return dict(arrays)


def layer_about(name):
    """What `layers.json` says of a layer fixture."""
    return _json("layers.json", FIXTURES)[name.removeprefix("layer_P_")]


def collated():
    """How batches were padded: a list of dicts."""
    return _json("collate.json", FIXTURES)


def case(case_id, network):
    """What the manifest says of a case of a network."""
    file = f"{case_id}_{network}.npz"
    cases = _json("manifest.json", _place(file))["cases"]
    return next(entry for entry in cases if entry["file"] == file)


def outputs(case_id, network):
    """What the network gave, as a dict of arrays."""
    return fixture(f"{case_id}_{network}")


@functools.lru_cache(maxsize=1)
def weights(case_id, network):
    """The state dict of a network, second names included: not to be changed."""
    about = case(case_id, network)
    tensors = {}
    for entry in _json("state_dicts.json", FIXTURES)[network]["entries"]:
        name, kind = entry["name"], entry["kind"]
        if kind == "counter":
            continue
        if "alias_of" in entry:
            tensors[name] = tensors[entry["alias_of"]]
            continue
        shape = [about["vocab_size"] if s == "V" else s for s in entry["shape"]]
        z = golden_recipe.stream(f"{about['weights_seed']}/{name}")
        tensors[name] = _KINDS[kind](z.standard_normal(shape)).astype("float32")
    for name, total in about["weight_sums"].items():
        np.testing.assert_allclose(tensors[name].sum(dtype="float64"), total, 1e-4)
    return tensors


def narrow(network, width, num_classes=20, seed=0, blocks=None):
    """A state dict with scaled channels: the right shapes, random numbers.

    With `blocks` a stage of SlowFast has no more of them.
    """
    rng = np.random.default_rng(seed)
    tensors = {}
    for entry in _json("state_dicts.json", FIXTURES)[network]["entries"]:
        name = entry["name"]
        block = re.search(r"_res(\d+)\.", name)
        if blocks and block and int(block[1]) >= blocks:
            continue
        if "alias_of" in entry:
            tensors[name] = tensors[entry["alias_of"]]
        elif entry["kind"] == "counter":
            tensors[name] = np.zeros((), "int64")
        else:
            shape = [_scaled(size, width, num_classes) for size in entry["shape"]]
            z = rng.standard_normal(shape)
            tensors[name] = _KINDS[entry["kind"]](z).astype("float32")
    return tensors


def _scaled(size, width, num_classes):
    if size == "V":
        return num_classes
    is_count = size % 4 == 0  # of channels; kernels and mixtures have other sizes
    return max(round(size * width), 1) if is_count else size


def video(case_id, network):
    """The clips of a case: `{"video": float32 [B, T, H, W, 3], "num_frames": [B]}`.

    Frames 0..1, zeros behind the shorter clips.
    """
    about = case(case_id, network)
    lengths = about["clip_lengths"]
    pixels = golden_recipe.random_video(
        about["input_seed"], len(lengths), max(lengths), about["H"], about["W"]
    )
    assert hashlib.sha256(pixels.tobytes()).hexdigest() == about["video_sha256_u8"]
    frames = pixels.transpose(0, 1, 3, 4, 2).astype("float32") / np.float32(255)
    for clip, length in enumerate(lengths):
        frames[clip, length:] = 0
    return {"video": frames, "num_frames": np.array(lengths, "int32")}


def direction(about, name, shape):
    """The random direction, of a tensor's shape, along which its gradient is given."""
    seed = f"{about['weights_seed']}/proj/{name}"
    return golden_recipe.stream(seed).standard_normal(shape)
