"""The presets of a zoo as a table, made from their metadata and what others report."""

import pathlib

from dtf_keras import models
from dtf_keras.zoo.index import preset_folders
from dtf_keras.zoo.preset import METADATA, parse_metadata

_COLUMNS = {
    "preset": "---",
    "parameters": "---:",
    "unseen signers, 18 letters": "---:",
    "26 letters": "---:",
    "`si` dev; test": "---:",
    "dev WER": "---:",
    "S / D / I": "---:",
    "test WER": "---:",
    "all seeds: dev; test": "---:",
    "source's dev WER on PHOENIX-2014, as it reports it": "---",
}


def read_results(zoo):
    """The metadata of every preset of a zoo that has word error rates.

    Raises:
        FileNotFoundError: there is none, or no such folder.
    """
    if not pathlib.Path(zoo).is_dir():
        raise FileNotFoundError(f"There is no folder {zoo}.")
    found = [
        parse_metadata((path / METADATA).read_bytes(), path / METADATA)
        for path in preset_folders(zoo)
    ]
    found = [metadata for metadata in found if {"dev", "test"} <= set(metadata["wer"])]
    if not found:
        raise FileNotFoundError(
            f"No preset in {zoo} has word error rates: make presets of finished runs "
            "with preset.py."
        )
    return found


def results_table(results):
    """A Markdown table: those measured on unseen signers first, then by dev WER.

    Args:
        results: list of the dicts of `metadata.json`.
    """
    lines = [f"| {' | '.join(_COLUMNS)} |", f"|{'|'.join(_COLUMNS.values())}|"]
    lines += [_row(metadata) for metadata in sorted(results, key=_place)]
    return "\n".join(lines)


def _place(metadata):
    unseen = mean_unseen(metadata, "agreeing")
    return unseen is None, unseen or 0.0, _errors(metadata, "dev")


def mean_unseen(metadata, letters):
    """WER in percent on each language held out, their mean; `None` if not measured.

    Args:
        metadata: dict of `metadata.json`.
        letters: "agreeing" or "all".
    """
    found = metadata["unseen"].get(letters)
    return found and sum(one["wer"] for one in found.values()) / len(found)


def _errors(metadata, split):
    return metadata["wer"][split]["wer"]


def _row(metadata):
    dev = metadata["wer"]["dev"]
    shares = " / ".join(
        f"{100 * dev[kind] / dev['reference_glosses']:.1f}"
        for kind in ("substitutions", "deletions", "insertions")
    )
    cells = [
        f"`{metadata['name']}`",
        f"{metadata['parameters']:,}",
        _mean(metadata, "agreeing"),
        _mean(metadata, "all"),
        _si(metadata),
        f"{dev['wer']:.1f} %",
        shares,
        f"{_errors(metadata, 'test'):.1f} %",
        _spread(metadata["seeds"]),
        _reported(metadata),
    ]
    return f"| {' | '.join(cells)} |"


def _mean(metadata, letters):
    mean = mean_unseen(metadata, letters)
    if mean is None:
        return ""
    worst = max(one["wer"] for one in metadata["unseen"][letters].values())
    return f"{mean:.1f} % (worst {worst:.1f})"


def _si(metadata):
    found = metadata["unseen"].get("fingerspelling_si")
    return f"{found['dev']['wer']:.1f}; {found['test']['wer']:.1f} %" if found else ""


def _spread(seeds):
    if len(seeds) < 2:
        return "1 seed"
    dev, test = (sorted(run[split] for run in seeds) for split in ("dev", "test"))
    return f"{len(seeds)}: {dev[0]:.1f}–{dev[-1]:.1f}; {test[0]:.1f}–{test[-1]:.1f} %"


def _reported(metadata):
    figures = models.reported(metadata["model"], corpus="phoenix2014", split="dev")
    said = [
        f"{one.wer} ({one.recipe})"
        for one in figures
        if one.recipe in metadata["source_recipes"]
    ]
    return ", ".join(said) or "none"
