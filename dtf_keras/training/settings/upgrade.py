"""Older formats of run settings, brought up to today's when they are read."""

from dtf_keras.training.settings.checks import SettingError
from dtf_keras.words import quoted

FORMAT = 3
"""Of a run's `config.json`, and of the settings in a preset's `metadata.json`."""

OLD_COLUMNS = {"val_glosses_recognised": "val_glosses_recognized"}
"""Columns of a run's `history.csv` that had another name in format 1."""

_BOOLEANS = {"auto": None, "true": True, "false": False}
_CROPPED = ("phoenix2014", "phoenix2014_si5", "phoenix2014t", "table")
_DRAWN = ("fingerspelling", "fingerspelling_si")


def upgrade(said):
    """What a config file says, as today's format says it.

    Format 1 had no number, the settings stood beside `made_with`, and what the model
    read was not written down. It is known of the package's own corpora; of a packed or
    one's own corpus it has to be asked of the corpus, and is left out here. Until
    format 2 `fingerspelling` had one version, and its drawings counted as video.

    Args:
        said: dict of a `config.json` of any format, or settings alone.

    Returns:
        Dict in format `FORMAT`: `format`, `settings`, `made_with` and, where it is
        known, `input_format`.

    Raises:
        SettingError: a format that this version does not know.
    """
    number = said.get("format", 1)
    if number not in range(1, FORMAT + 1):
        raise SettingError(
            f"it has format {quoted(number)}, this version of dtf_keras reads formats "
            f"up to {FORMAT}: install a newer one."
        )
    if number == 1:
        said = _from_1(said)
    return _from_2(said) if said["format"] == 2 else said


def _from_1(said):
    settings = {k: v for k, v in said.items() if k not in ("format", "made_with")}
    if "made_with" not in said:  # by hand, as somebody writes it today
        return {"format": FORMAT, "settings": _settings(settings), "made_with": {}}
    new = {
        "format": 2,
        "settings": _settings(settings),
        "made_with": said["made_with"],
    }
    read = _input_format(settings)
    return {**new, "input_format": read} if read else new


def _from_2(said):
    settings = dict(said.get("settings", {}))
    new = {**said, "format": 3, "settings": settings}
    if settings.get("data", "fingerspelling") in _DRAWN:
        settings["data_options"] = {"version": 1, **settings.get("data_options", {})}
        if said.get("input_format"):
            new["input_format"] = {**said["input_format"], "kind": "drawn_hand"}
    return new


def _settings(old):
    """Settings of format 1; what was written by hand may be as today already."""
    new = dict(old)
    for name in ("augment", "jit_compile"):
        if isinstance(new.get(name), str):
            new[name] = _BOOLEANS.get(new[name], new[name])
    if new.pop("ctc_lengths", "true") == "padded":
        new["options"] = {**new.get("options", {}), "padded_lengths": True}
    strategy = new.get("decoder", "greedy")
    if isinstance(strategy, str):
        width, merge = new.pop("beam_width", 5), new.pop("merge_repeats", "false")
        new["decoder"] = {
            "strategy": strategy,
            **({"width": width} if strategy == "beam" else {}),
            "merge_repeated_glosses": merge in ("true", True),
        }
    size = old.get("frame_size")
    if old.get("data") in _CROPPED and isinstance(size, int) and size % 7:
        new["crop"] = _old_crop(size)
    return new


def _input_format(old):
    size, data = old.get("frame_size", 32), old.get("data", "fingerspelling")
    if data not in (*_CROPPED, *_DRAWN):
        return None
    options = old.get("data_options", {})
    return {
        "height": size,
        "width": size,
        "frame_rate": options.get("frame_rate", 25.0) if data == "table" else 25.0,
        "crop": _old_crop(size) if data in _CROPPED else 1.0,
        "resize": "bilinear",
        "kind": "video",
    }


def _old_crop(size):
    """Format 1 cropped `size` pixels of `size * 8 // 7`."""
    return size / (size * 8 // 7)
