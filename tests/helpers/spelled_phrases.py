"""ASL Fingerspelling in its real layout, with few short phrases."""

import csv
import json

import numpy as np
import pytest

from dtf_keras.data.corpora.fingerspelling.words import split_of
from dtf_keras.landmarks import NUM_POINTS
from tests.helpers.hands import HAND, left

CHARACTERS = " !#$%&'()*+,-./0123456789:;=?@[_abcdefghijklmnopqrstuvwxyz~"
POINTS = {"face": 468, "left_hand": NUM_POINTS, "pose": 33, "right_hand": NUM_POINTS}
COLUMNS = ("path", "file_id", "sequence_id", "participant_id", "phrase")
WIDTH, HEIGHT = 480, 640
FRAMES_A_CHARACTER = 12
CLIPS = {"train": 24, "dev": 4, "test": 4}
LETTERS = "ab@ "
_SHAPES = 25 * np.random.default_rng(3).normal(size=(len(CHARACTERS), NUM_POINTS, 2))
PEOPLE = {
    split: [number for number in range(100) if split_of(str(number)) == split]
    for split in CLIPS
}


def write_release(root, clips=None):
    """Writes a release: words of `a`, `b` and `@`, by people of whom some are lefties.

    Two tables, with parts of all splits in both.

    Returns:
        `root`.
    """
    rng = np.random.default_rng(0)
    rows = []
    for split, count in (clips or CLIPS).items():
        for number in range(count):
            phrase = " ".join(
                "".join(rng.choice(list("ab@"), 2, replace=False)) for _ in range(2)
            )
            person = PEOPLE[split][number % 3]
            rows.append((1816796431 + 1000 * len(rows), person, phrase))
    root.mkdir(parents=True, exist_ok=True)
    (root / "character_to_prediction_index.json").write_text(
        json.dumps({one: index for index, one in enumerate(CHARACTERS)})
    )
    lines = []
    for file_id, part in ((5414471, rows[::2]), (105143404, rows[1::2])):
        path = f"train_landmarks/{file_id}.parquet"
        lines += [(path, file_id, *row) for row in part]
        write_table(root / path, {row[0]: hands(row[2], row[1] % 2) for row in part})
    write_rows(root / "train.csv", lines)
    return root


def write_rows(path, rows):
    """Writes a `train.csv`; rows as `COLUMNS`."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows)


def read_rows(path):
    """The rows below the first line of a `train.csv`."""
    with path.open(newline="") as file:
        return list(csv.reader(file))[1:]


def hands(phrase, lefty=False):
    """Both hands of a phrase, fractions of the picture: `{name: [T, 21, 2]}`.

    The one that signs is lost in the last two frames, the other is seen in the first.
    """
    shapes = [HAND + _SHAPES[CHARACTERS.index(character)] for character in phrase]
    signing = np.repeat(np.array(shapes), FRAMES_A_CHARACTER, axis=0)
    resting = np.full_like(signing, np.nan)
    signing[-2:], resting[0] = np.nan, HAND
    right, other = (resting, signing) if lefty else (signing, resting)
    middle, picture = (WIDTH / 2, 2 * HEIGHT / 3), (WIDTH, HEIGHT)
    return {
        "right_hand": (right + middle) / picture,
        "left_hand": (left(other) + middle) / picture,
    }


def write_table(path, sequences, hands_alone=False, without=()):
    """Writes a table of landmarks, in row groups that end within sequences.

    Args:
        path: the parquet file.
        sequences: dict of sequence id to what `hands` gives, or pairs of them.
        hands_alone: whether columns of face and body are left out.
        without: names of other columns to leave out.
    """
    pyarrow = pytest.importorskip("pyarrow", reason="needs pyarrow")
    from pyarrow import parquet

    path.parent.mkdir(parents=True, exist_ok=True)
    pairs = list(sequences.items() if isinstance(sequences, dict) else sequences)
    lengths = [len(seen["right_hand"]) for _, seen in pairs]
    frames = np.concatenate([np.arange(length) for length in lengths])
    columns = {"frame": frames.astype("int16")}
    nothing = np.full(len(frames), np.nan, "float32")
    for axis in "xyz":
        for name, count in POINTS.items():
            if hands_alone and "hand" not in name:
                continue
            for point in range(count):
                columns[f"{axis}_{name}_{point}"] = nothing
    for name in ("left_hand", "right_hand"):
        points = np.concatenate([seen[name] for _, seen in pairs]).astype("float32")
        for point in range(NUM_POINTS):
            for place, axis in enumerate("xy"):
                columns[f"{axis}_{name}_{point}"] = points[:, point, place]
    columns["sequence_id"] = np.repeat([number for number, _ in pairs], lengths)
    for name in without:
        del columns[name]
    table = pyarrow.table(columns)
    about = json.dumps({"index_columns": ["sequence_id"], "columns": []})
    table = table.replace_schema_metadata({"pandas": about})
    parquet.write_table(table, path, row_group_size=250)
