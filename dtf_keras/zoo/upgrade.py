"""Older formats of presets and zoos, brought up to today's when they are read."""

from dtf_keras.zoo.problems import NewerFormatError

FORMAT = 3  # of config.json, metadata.json and index.json


def upgrade(said, where):
    """What a JSON file of a preset or a zoo says, as today's format says it.

    Args:
        said: dict of a `config.json`, `metadata.json` or `index.json`.
        where: path or address of the file, for the message.

    Returns:
        The dict in format `FORMAT`.

    Raises:
        NewerFormatError: a format that this version does not know.
        KeyError, TypeError, AttributeError: it is another file.
    """
    version = said.get("format", 1)  # config.json had no number at first
    if version not in range(1, FORMAT + 1):
        raise NewerFormatError(
            f"{where} has format {version}, this version of dtf_keras reads "
            f"formats up to {FORMAT}: install a newer one."
        )
    if version == 1:
        said = _from_1(said)
    return said if version == FORMAT else _from_2(said)


def _from_1(said):
    said = {"format": 2, **{k: v for k, v in said.items() if k != "format"}}
    if "input" in said:  # config.json
        said["input"] = _input_format(said["input"])
    if "source" in said:  # metadata.json, which had the figures themselves
        said["source_recipes"] = [*said.pop("source")["dev_wer"]]
    if "training" in said:
        start = said["training"].get("initial_weights")
        added = {"settings_format": 1, "initial_weights": start}
        said["training"] = said["training"] | added
    return said


def _from_2(said):
    said = {**said, "format": 3}
    if "training" in said:  # metadata.json
        said["unseen"] = {}
    return said


def _input_format(said):
    """Format 1 knew square frames and bilinear resizing alone."""
    return {
        "height": said["frame_size"],
        "width": said["frame_size"],
        "frame_rate": said["frame_rate"],
        "crop": said.get("crop", 1.0),
        "resize": "bilinear",
        "kind": "video",
    }
