"""Asks NIST sclite itself, where it is installed (Debian's package sctk)."""

import pathlib
import re
import shutil
import subprocess

BINARY = shutil.which("sclite", path="/usr/lib/sctk/bin") or shutil.which("sclite")
NAMES = ("snt", "wrd", "corr", "sub", "del", "ins", "err", "serr")


def ask(ctm, stm, folder):
    """What sclite answers on two files.

    Returns:
        Dict of `utterances` {id: (C, S, D, I)}, `counts`, `percent` and `speakers`, as
        `Score` has them.
    """
    folder = pathlib.Path(folder)
    command = [BINARY, "-h", ctm, "ctm", "-r", stm, "stm", "-f", "0"]
    command += ["-O", folder, "-n", "out", "-o", "pra", "sum", "rsum"]
    subprocess.run([str(word) for word in command], check=True, capture_output=True)
    rows = re.findall(
        r"^File: (\S+)$.*?^Scores: \(#C #S #D #I\) (\d+) (\d+) (\d+) (\d+)",
        (folder / "out.pra").read_text(),
        re.DOTALL | re.MULTILINE,
    )
    raw, percent = _table(folder / "out.raw"), _table(folder / "out.sys")
    return {
        "utterances": {clip_id: tuple(map(int, counts)) for clip_id, *counts in rows},
        "counts": raw.pop("Sum"),
        "percent": percent["Sum/Avg"],
        "speakers": raw,
    }


def _table(path):
    """The rows of a table of sclite by signer, and the sum; means are left out."""
    table = {}
    for line in path.read_text().splitlines():
        name, *cells = re.findall(r"[^|\s]+", line) or [""]
        # Other rows are headings, or means with a fraction of a clip; a last column is
        # of confidences.
        if len(cells) >= len(NAMES) and all(cell.isdigit() for cell in cells[:2]):
            values = [float(cell) if "." in cell else int(cell) for cell in cells]
            table[name] = dict(zip(NAMES, values, strict=False))
    return table
