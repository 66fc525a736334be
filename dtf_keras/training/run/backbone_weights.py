"""The weights that a run's backbone starts from: ImageNet's, or another run's."""

import dataclasses
import os
import pathlib

from dtf_keras.convert import CheckpointError, StateDictError, load_checkpoint
from dtf_keras.convert.imagenet import KerasHubError, keras_hub_tensors, load_resnet
from dtf_keras.layers import ResNet
from dtf_keras.training.run.initial_weights import (
    digest,
    require_nothing_fresh_frozen,
    weights_at,
)
from dtf_keras.training.settings.config import SettingError
from dtf_keras.words import tell
from dtf_keras.zoo import PresetError
from dtf_keras.zoo.weights_file import LoadedLayers, load_by_layer

BACKBONE = "backbone"
_OURS = (".h5", ".keras")


def find_backbone(config):
    """Where the weights are that a config's `backbone_weights` means.

    Args:
        config: `RunConfig` with `backbone_weights`.

    Returns:
        Path of a file; the name of a preset of KerasHub, a string, where what is said
        is no path.

    Raises:
        FileNotFoundError: there is no such file, or no weights in the folder.
        SettingError: the run also starts from other weights.
    """
    said = config.backbone_weights
    if config.init_from:
        raise SettingError(
            f"backbone_weights is {said} and init_from {config.init_from}: give one of "
            "them, as each says where the backbone starts."
        )
    path = pathlib.Path(said)
    if path.is_dir():
        return weights_at(path, "--backbone-weights")
    if path.is_file():
        return path
    if "://" not in said and (os.sep in said or path.suffix):
        raise FileNotFoundError(
            f"--backbone-weights {said}: there is no such file; give torchvision's "
            "file of a ResNet, the name of one in KerasHub, or a run folder, a preset "
            "folder or a .weights.h5 file."
        )
    return said


def start_backbone(model, config, weights, say=tell):
    """Loads the backbone's weights, says what was loaded, and leaves the other layers.

    Args:
        model: the run's model, its frozen layers frozen.
        config: `RunConfig`.
        weights: what `find_backbone` gives: a file of torchvision's or of Keras, or
            the name of a preset of KerasHub.
        say: function that shows a line of text.

    Returns:
        JSON-able dict: the file or preset, its sha256 (of a preset that of its
        numbers), and which layers of the backbone were and were not loaded.

    Raises:
        SettingError: weights that cannot be read or do not fit, or a frozen layer
            stays fresh.
    """
    own = isinstance(weights, pathlib.Path) and weights.suffix in _OURS
    if not own:
        _require_resnet(model, weights)
    try:
        if own:
            found, sha256 = _from_ours(model, weights), digest(weights.read_bytes())
        elif isinstance(weights, pathlib.Path):
            found = _from_tensors(model, load_checkpoint(weights).state_dict)
            sha256 = digest(weights.read_bytes())
        else:
            tensors = keras_hub_tensors(weights)
            found = _from_tensors(model, tensors)
            sha256 = digest(b"".join(tensors[name].tobytes() for name in tensors))
    except (StateDictError, _MisfitError) as error:
        raise SettingError(
            f"{weights} does not fit the backbone of {model.name} as it is set here "
            f"({error}): give the --width of the weights, which is 1 for those of "
            "ImageNet, or other weights."
        ) from error
    except (CheckpointError, ImportError, KerasHubError, PresetError) as error:
        raise SettingError(str(error)) from error
    say(f"Starting the backbone from {weights}:\n{found}")
    require_nothing_fresh_frozen(model, config, found, weights)
    return {"path": str(weights), "sha256": sha256, **dataclasses.asdict(found)}


class _MisfitError(Exception):
    pass


def _require_resnet(model, weights):
    backbone = model.get_layer(BACKBONE)
    if not isinstance(backbone, ResNet):
        raise SettingError(
            f"{weights}: the backbone of {model.name} as it is set here is no ResNet "
            f"but a {type(backbone).__name__}; it starts from weights of the same "
            "backbone in a run folder, a preset folder or a .weights.h5 file."
        )


def _from_tensors(model, tensors):
    found = load_resnet(model.get_layer(BACKBONE), tensors)
    return LoadedLayers(
        tuple(f"{BACKBONE}/{path}" for path in found.loaded),
        {f"{BACKBONE}/{path}": why for path, why in found.fresh.items()},
        found.unused,
    )


def _from_ours(model, path):
    """The backbone of a run or preset of ours; of its other layers nothing is said."""

    def leave(layer):
        return None if _in_backbone(layer) else "not asked for"

    found = load_by_layer(model, path, leave)
    fresh = {layer: why for layer, why in found.fresh.items() if _in_backbone(layer)}
    unused = [layer for layer in found.unused if _in_backbone(layer)]
    for layer, why in fresh.items():
        if not found.loaded or why.startswith("shapes"):
            raise _MisfitError(f"{layer}: {why}")
    if unused:
        raise _MisfitError(f"it has a layer {unused[0]} too")
    return LoadedLayers(found.loaded, fresh, ())


def _in_backbone(layer):
    return layer.partition("/")[0] == BACKBONE
