"""The model card of a preset: a README generated from its metadata."""

from dtf_keras import models

_UNKNOWN = "not recorded"


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
        f"# {name}\n\nContinuous sign language recognition: video in, glosses out. "
        f"Model `{model}` of dtf_keras, {metadata['parameters']:,} trainable "
        f"parameters, {size:.1f} MB as {metadata['stored_as']}.",
        f"```python\nfrom dtf_keras import zoo\n\nmodel = zoo.get({which})\n```",
        "From a folder, a web server or a hub: "
        f'`zoo.get("{model}", weights="FOLDER, https://... or hf://ORG/REPO")`.',
        "## Input\n\n"
        f"RGB frames of {said['height']} x {said['width']} pixels (height x width), "
        f"the centre {100 * said['crop']:g} % of the resized frame "
        f"({said['resize']}), {said['frame_rate']:g} frames a second; pixels are "
        "integers 0..255 or floats 0..1. "
        f"{config['options']['num_classes']} classes: the CTC blank and the glosses.",
        f"## Measured here\n\n{_measured(metadata)}",
        f"## Reported by the source, not measured here\n\n{_reported(metadata)}",
        f"## Training\n\n{_training(metadata, training)}",
        f"## Limits\n\n{_bullets(metadata['limits'])}",
        f"## Licence\n\nWeights: {metadata['license'] or _UNKNOWN}. "
        f"Training data: {training['corpus_license'] or _UNKNOWN}.",
    ]
    return "\n\n".join(parts) + "\n"


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
    lines = [
        "| split | WER | substitutions | deletions | insertions | glosses |",
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
    if len(metadata["seeds"]) > 1:
        lines += ["\n| seed | dev WER | test WER |", "|---:|---:|---:|"]
        lines += [
            f"| {run['seed']} | {run['dev']:.1f} % | {run['test']:.1f} % |"
            for run in metadata["seeds"]
        ]
    return "\n".join(lines)


def _reported(metadata):
    entry = models.entry(metadata["model"])
    if entry.source is None:
        return "Nothing: the model has no source but this package."
    lines = [f"Source: {models.source(entry.source)}."]
    if entry.row:
        lines[0] += f' Its name there: "{entry.row}".'
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
