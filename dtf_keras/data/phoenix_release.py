"""Where the RWTH-PHOENIX-Weather releases keep their annotations and frames."""

import csv
import dataclasses
import pathlib

from dtf_keras.data.frame_folder import FrameFolder
from dtf_keras.data.recorded import Row

ANNOTATIONS = pathlib.PurePath("annotations", "manual")
FRAMES = pathlib.PurePath("features", "fullFrame-210x260px")
SPLITS = ("train", "dev", "test")
FRAME_RATE = 25.0


@dataclasses.dataclass(frozen=True)
class Release:
    """A released corpus.

    Attributes:
        name: str, as registered here.
        variable: environment variable with its place.
        folders: names of the released folders, from the outermost inwards.
        table: name of a split's annotations, with `{split}` in it.
        columns: which columns hold a clip's id, glosses and signer.
        pictures: the frames below the split's folder, with columns in `{}`.
    """

    name: str
    variable: str
    folders: tuple[str, str]
    table: str
    columns: tuple[str, str, str]
    pictures: str


MULTISIGNER = Release(
    name="phoenix2014",
    variable="DTF_KERAS_PHOENIX2014",
    folders=("phoenix2014-release", "phoenix-2014-multisigner"),
    table="{split}.corpus.csv",
    columns=("id", "annotation", "signer"),
    pictures="{folder}",
)
SI5 = dataclasses.replace(
    MULTISIGNER,
    name="phoenix2014_si5",
    folders=("phoenix2014-release", "phoenix-2014-signerindependent-SI5"),
    table="{split}.SI5.corpus.csv",
)
TRANSLATION = Release(
    name="phoenix2014t",
    variable="DTF_KERAS_PHOENIX2014T",
    folders=("PHOENIX-2014-T-release-v3", "PHOENIX-2014-T"),
    table="PHOENIX-2014-T.{split}.corpus.csv",
    columns=("name", "orth", "speaker"),
    pictures="{name}/*.png",
)


def find_release(release, root):
    """The innermost folder of a release: the one with annotations and features.

    Args:
        release: `Release`.
        root: path of that folder or of one around it.

    Raises:
        FileNotFoundError: it is not there; the sentence says what was looked for and
            what was found.
    """
    outer, inner = release.folders
    places = ["", inner, f"{outer}/{inner}"]
    table = ANNOTATIONS / release.table.format(split="train")
    for place in places:
        if (root / place / table).is_file():
            return root / place
    raise FileNotFoundError(
        f"{release.name}: {root} is not the released corpus. Looked in it for "
        f"{', '.join(str(place / table) for place in map(pathlib.PurePath, places))}; "
        f"found {_content(root)}."
    )


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
        ValueError: a file of annotations without the columns of the release.
    """
    table = folder / ANNOTATIONS / release.table.format(split=split)
    frames = folder / FRAMES / split
    for path in (table, frames):
        if not path.exists():
            raise FileNotFoundError(
                f"{release.name}: there is no {path}; {path.parent} has "
                f"{_content(path.parent)}."
            )
    clip_id, glosses, signer = release.columns
    rows = []
    for line in _lines(table, release.columns):
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


def _lines(table, columns):
    with table.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, delimiter="|", quoting=csv.QUOTE_NONE)
        missing = set(columns) - set(reader.fieldnames or ())
        if missing:
            raise ValueError(
                f"{table} has no column {sorted(missing)[0]!r}; its first line names "
                f"{', '.join(reader.fieldnames or ['nothing'])}."
            )
        for line in reader:
            if None in line or None in line.values():
                raise ValueError(
                    f"Line {reader.line_num} of {table} has not the "
                    f"{len(reader.fieldnames)} columns that the first line names."
                )
            yield line


def _content(folder, shown=6):
    """Names in a folder, for a sentence."""
    if not folder.is_dir():
        return f"no folder {folder}"
    names = sorted(path.name for path in folder.iterdir())
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more if names else "nothing"
