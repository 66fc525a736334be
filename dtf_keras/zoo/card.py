"""The model card of a preset: a README generated from its metadata."""

from dtf_keras import models
from dtf_keras.decoding import DecoderOptions

_UNKNOWN = "not recorded"
_CLIPS = {
    "video": "video",
    "drawn_hand": "drawings of a hand",
    "hand_landmarks": "hand landmarks",
}


def model_card(metadata, config):
    """Markdown, with the header that model hubs read.

    Args:
        metadata: dict of `metadata.json`, of which `files` may lack the card.
        config: dict of `config.json`.
    """
    name, model = metadata["name"], metadata["model"]
    said, training = config["input"], metadata["training"]
    size = metadata["files"]["model.weights.h5"]["bytes"] / 1e6
    # Of the default preset the name of the model is enough.
    which = f'"{model}"' if name == model else f'"{model}", weights="{name}"'
    parts = [
        _header(metadata),
        f"# {name}\n\nContinuous sign language recognition: {_CLIPS[said['kind']]} in, "
        "glosses out. "
        f"Model `{model}` of dtf_keras, {metadata['parameters']:,} trainable "
        f"parameters, {size:.1f} MB as {metadata['stored_as']}.",
        f"```python\nfrom dtf_keras import zoo\n\nmodel = zoo.get({which})\n```",
        "From a folder, a web server or a hub: "
        f'`zoo.get("{model}", weights="FOLDER, https://... or hf://ORG/REPO")`.',
        f"## Input\n\n{_input(said)} "
        f"{config['options']['num_classes']} classes: the CTC blank and the glosses."
        f"{_decoder(config)}",
        f"## Measured here\n\n{_measured(metadata)}",
        f"## Reported by the source, not measured here\n\n{_reported(metadata)}",
        f"## Training\n\n{_training(metadata, training)}",
        f"## Limits\n\n{_bullets(metadata['limits'])}",
        f"## Licence\n\nWeights: {metadata['license'] or _UNKNOWN}. "
        f"Training data: {training['corpus_license'] or _UNKNOWN}.",
    ]
    return "\n\n".join(parts) + "\n"


def _input(said):
    rate = f"{said['frame_rate']:g} frames a second"
    if said["kind"] == "hand_landmarks":
        return (
            "The 21 points of a hand in palm lengths "
            f"(`dtf_keras.landmarks.in_palm_lengths`), {rate}, NaN where a point was "
            "not seen. Video of people is brought there by MediaPipe."
        )
    drawn = "Drawings of a hand: " if said["kind"] == "drawn_hand" else ""
    return (
        f"{drawn}RGB frames of {said['height']} x {said['width']} pixels (height x "
        f"width), the centre {100 * said['crop']:g} % of the resized frame "
        f"({said['resize']}), {rate}; pixels are integers 0..255 or floats 0..1."
    )


def _decoder(config):
    if "decoder" not in config:
        return ""
    own = DecoderOptions.from_dict(config["decoder"])
    return f" Where nobody says how, glosses are read off by {own}."


def _header(metadata):
    lines = ["---", "library_name: keras"]
    if metadata["license"]:
        lines.append(f"license: {metadata['license'].lower()}")
    lines += ["tags:", "- sign-language-recognition", "- ctc", "- dtf-keras", "---"]
    return "\n".join(lines)


def _measured(metadata):
    if not metadata["wer"]:
        return "Nothing: no word error rate was recorded with these weights."
    corpus = metadata["training"]["corpus"] or _UNKNOWN
    rate = "CER" if any("cer" in one for one in metadata["wer"].values()) else "WER"
    lines = [
        f"| split | {rate} | substitutions | deletions | insertions | glosses |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for split, one in metadata["wer"].items():
        lines.append(
            f"| {split} | {one['wer']:.1f} % | {one['substitutions']} "
            f"| {one['deletions']} | {one['insertions']} | {one['reference_glosses']} |"
        )
    lines.append(
        f"\nCorpus `{corpus}`; decoder: {metadata['decoder'] or _UNKNOWN}; "
        f"scoring: {metadata['scoring'] or _UNKNOWN}."
    )
    if rate == "CER":
        lines += _beside_cer(metadata["wer"])
    lines += _unseen(metadata["unseen"])
    if len(metadata["seeds"]) > 1:
        lines += [f"\n| seed | dev {rate} | test {rate} |", "|---:|---:|---:|"]
        lines += [
            f"| {run['seed']} | {run['dev']:.1f} % | {run['test']:.1f} % |"
            for run in metadata["seeds"]
        ]
    return "\n".join(lines)


def _beside_cer(splits):
    """What else was measured of characters."""
    lines = [
        "\n| split | 1 - normalised Levenshtein distance | WER of words |",
        "|---|---:|---:|",
    ]
    return lines + [
        f"| {split} | {one['levenshtein_score']:.4f} | {one['words']['wer']:.1f} % |"
        for split, one in splits.items()
    ]


def _unseen(unseen):
    """Errors on signers that training did without, as far as they were measured."""
    tables = {
        "agreeing": "WER, letters on which the languages agree",
        "all": "WER, all letters",
    }
    measured = [one for one in tables if one in unseen]
    lines = []
    if measured:
        names = " | ".join(tables[one] for one in measured)
        lines = [
            "\nSigners that training did without, a training each:\n",
            f"| signer | {names} |",
            f"|---|{'---:|' * len(measured)}",
        ]
        for signer in unseen[measured[0]]:
            wers = [f"{unseen[one][signer]['wer']:.1f} %" for one in measured]
            lines.append(f"| {signer} | {' | '.join(wers)} |")
    if "fingerspelling_si" in unseen:
        dev, test = (unseen["fingerspelling_si"][one]["wer"] for one in ("dev", "test"))
        lines.append(f"\n`fingerspelling_si`: dev {dev:.1f} %, test {test:.1f} %.")
    return lines


def _reported(metadata):
    entry = models.entry(metadata["model"])
    if entry.source is None:
        return "Nothing: the model has no source but this package."
    lines = [f"Source: {models.source(entry.source)}."]
    if entry.row:
        lines[0] += f' Its name there: "{entry.row}".'
    if entry.ours:
        lines[0] += f" {entry.ours}"
    figures = [
        one
        for one in models.reported(entry.name)
        if one.recipe in metadata["source_recipes"]
    ]
    if not figures:
        return "\n\n".join([*lines, "It reports no word error rate of this recipe."])
    lines += ["", "| recipe | corpus | split | WER | said in |"]
    lines += ["|---|---|---|---:|---|"]
    lines += [
        f"| {one.recipe} | {one.corpus} | {one.split} | {one.wer} % | {one.where} |"
        for one in figures
    ]
    return "\n".join(lines)


def _training(metadata, training):
    versions = ", ".join(f"{k} {v}" for k, v in metadata["made_with"].items())
    settings = ", ".join(f"`{k}={v}`" for k, v in training["settings"].items())
    return _bullets(
        [
            f"Corpus: {training['corpus'] or _UNKNOWN}, "
            f"version {training['corpus_version'] or _UNKNOWN}",
            f"Recipe: {metadata['recipe'] or _UNKNOWN}",
            f"Seed: {_UNKNOWN if training['seed'] is None else training['seed']}",
            f"Settings: {settings or _UNKNOWN}",
            *_start(training["initial_weights"]),
            f"Made with: {versions or _UNKNOWN}",
            f"Saved on: {metadata['date']}",
        ]
    )


def _start(initial):
    """What training started from, if it is known to be other than fresh weights."""
    if initial is None:
        return []
    fresh = [f"{layer} ({why})" for layer, why in initial["fresh"].items()]
    return [
        f"Started from: `{initial['from']}` (weights with sha256 {initial['sha256']}); "
        f"layers loaded: {len(initial['loaded'])}, fresh: {', '.join(fresh) or 'none'}"
    ]


def _bullets(lines):
    return "\n".join(f"- {line}" for line in lines) or "None recorded."
