"""The same run for every zoo model, and the table of what came out."""

import pathlib

from dtf_keras.files import write_json, write_text
from dtf_keras.training.config import SettingError
from dtf_keras.training.run_folder import RunFolder

BEGIN, END = "<!-- results:begin -->", "<!-- results:end -->"


def run_all(configs, folder):
    """Trains one model after another; what is finished is not trained again.

    An interrupted run is continued where it stopped.

    Args:
        configs: list of `RunConfig`, one a model.
        folder: parent of the run folders, which are named for the models.

    Returns:
        List of the dicts in the runs' `metrics.json`.

    Raises:
        SettingError: a run is there that was made with other settings.
    """
    runs = [RunFolder(pathlib.Path(folder) / config.model) for config in configs]
    for run, config in zip(runs, configs, strict=True):
        if run.config.exists():
            changed = run.read_config()[0].differences(config)
            if changed:
                raise SettingError(
                    f"{run.path} holds a run with another {changed[0]}: remove that "
                    "folder, or give another one with --out."
                )
    from dtf_keras.training.run import fit, resume

    for number, (run, config) in enumerate(zip(runs, configs, strict=True), start=1):
        print(f"model {number} of {len(runs)}: {config.model}", flush=True)
        if run.config.exists():
            resume(run.path)
        else:
            fit(config, run.path)
    return [run.read_metrics() for run in runs]


def write_results(path, metrics):
    """Writes the data file that the table is made from.

    Args:
        path: the JSON file.
        metrics: list of dicts, as `run_all` returns them.
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, metrics)


def results_table(metrics):
    """The results as a Markdown table, the lowest test WER first.

    Args:
        metrics: list of dicts of `metrics.json`.
    """
    lines = [
        "| model | parameters | dev WER | substitutions / deletions / insertions "
        "| test WER |",
        "|---|---:|---:|---:|---:|",
    ]
    for run in sorted(metrics, key=lambda run: run["wer"]["test"]["wer"]):
        dev, test = run["wer"]["dev"], run["wer"]["test"]
        shares = " / ".join(
            f"{100 * dev[kind] / dev['reference_glosses']:.1f}"
            for kind in ("substitutions", "deletions", "insertions")
        )
        lines.append(
            f"| `{run['model']}` | {run['trainable_parameters']:,} "
            f"| {dev['wer']:.1f} % | {shares} | {test['wer']:.1f} % |"
        )
    return "\n".join(lines)


def write_table(readme, table):
    """Puts a table between the two marks in a Markdown file.

    Raises:
        ValueError: the marks are not there, once each and in order.
    """
    readme = pathlib.Path(readme)
    text = readme.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end) or text.count(BEGIN) + text.count(END) != 2:
        raise ValueError(
            f"{readme} needs the lines {BEGIN} and {END}, once each and in this "
            "order, around the place of the table."
        )
    write_text(readme, f"{before}{BEGIN}\n{table}\n{END}{after}")
