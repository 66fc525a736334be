"""The annotated clips of the RWTH-PHOENIX-Weather releases."""

import csv

from dtf_keras.data.corpora.phoenix_release import FRAMES, content, find_table
from dtf_keras.data.corpora.recorded import Row
from dtf_keras.data.footage.frame_folder import FrameFolder
from dtf_keras.data.text_table import read_columns


def read_rows(release, folder, split):
    """The annotated clips of a split, in the order of the file.

    Args:
        release: `Release`.
        folder: what `find_release` gave.
        split: "train", "dev" or "test".

    Returns:
        List of `Row`.

    Raises:
        FileNotFoundError: there are no annotations, or no frames of the split.
        ValueError: a file of annotations of another form; the sentence names it.
    """
    table = find_table(release, folder, split)
    frames = folder / FRAMES / split
    for path in (table, frames):
        if not path.exists():
            raise FileNotFoundError(
                f"{release.name}: there is no {path}; {path.parent} has "
                f"{content(path.parent)}."
            )
    clip_id, glosses, signer = release.columns
    rows = []
    lines = read_columns(table, release.columns, delimiter="|", quoting=csv.QUOTE_NONE)
    for _, line in lines:
        pictures = frames / release.pictures.format(**line)
        rows.append(
            Row(
                id=line[clip_id].strip(),
                footage=FrameFolder(pictures.parent, pictures.name, numbered=True),
                glosses=tuple(line[glosses].split()),
                signer=line[signer].strip(),
            )
        )
    return rows
