"""The files of a report."""

import pathlib

from dtf_keras.evaluation.html_report import html_report
from dtf_keras.evaluation.report import text_report
from dtf_keras.files import write_json, write_text


def write_report(folder, score, title, about):
    """Writes `scores.json` (everything), `report.html` and `report.txt`.

    Args:
        folder: folder to write, made if it is not there.
        score: `Score`.
        title: what was scored.
        about: JSON-able dict of what the score was made of, put before it.
    """
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / "report.html", html_report(score, title))
    write_text(folder / "report.txt", text_report(score, title))
    write_json(folder / "scores.json", {**about, **score.to_dict()})
