"""The layers of a model by name, nested ones too."""

import fnmatch

from dtf_keras.models.layer_paths import named_layers
from dtf_keras.training.settings.config import SettingError
from dtf_keras.words import unknown


def layers_matching(model, pattern, setting):
    """The layers whose name or path matches a shell-style pattern.

    Args:
        model: `keras.Model`.
        pattern: such as `backbone`, `enc*`, `*_bn`, `backbone/stem_*`.
        setting: where the pattern comes from, for the message.

    Returns:
        List of `(path, layer)`; a layer stands for all that is in it.

    Raises:
        SettingError: no layer matches; names the closest ones.
    """
    layers = named_layers(model)
    found = [(path, layer) for path, layer in layers if matches(path, pattern)]
    if not found:
        paths = [path for path, _ in layers]
        top = [path for path in paths if "/" not in path]
        advice = f"It has {', '.join(top)}."
        raise SettingError(
            f"{setting}: {unknown('layer', pattern, paths, advice, of=model.name)}"
        )
    return found


def matches(path, pattern):
    """Whether a layer's path, or the name at its end, matches a pattern."""
    name = path.rpartition("/")[2]
    return any(fnmatch.fnmatchcase(word, pattern) for word in (path, name))


def matches_within(path, pattern):
    """Whether a layer, or one that it is part of, matches a pattern."""
    parts = path.split("/")
    whole = ("/".join(parts[: end + 1]) for end in range(len(parts)))
    return any(matches(outer, pattern) for outer in whole)
