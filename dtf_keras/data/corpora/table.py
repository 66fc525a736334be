"""One's own corpus: a table of clips a split, with what is signed in each."""

import csv
import dataclasses
import pathlib

from dtf_keras.data.batches.augmentation import Augmentation
from dtf_keras.data.clip_kinds import of_kind
from dtf_keras.data.corpora.recorded import (
    Row,
    find_root,
    recorded_corpus,
    video_format,
)
from dtf_keras.data.corpora.registry import register
from dtf_keras.data.footage.frame_folder import PICTURES, FootageError, FrameFolder
from dtf_keras.data.footage.pose_file import PoseFile
from dtf_keras.data.footage.video import Video
from dtf_keras.data.text_table import read_columns
from dtf_keras.data.vocabulary_file import gloss_vocabulary, read_vocabulary
from dtf_keras.input_format import KINDS, InputFormat
from dtf_keras.values import one_of, size_2d
from dtf_keras.words import tell

COLUMNS = ("id", "path", "glosses")
DIALECTS = {
    ".csv": {"skipinitialspace": True},
    ".tsv": {"delimiter": "\t", "quoting": csv.QUOTE_NONE},
}


@register("table")
def table(
    split,
    root=None,
    frame_size=112,
    crop=None,
    resize=None,
    frame_rate=25.0,
    num_clips=None,
    vocabulary=None,
    on_bad_clip="stop",
    cache_dir=None,
    say=tell,
    kind="video",
    mirrored=False,
    shard=None,
):
    """Clips of one's own, listed in `train.csv`, `dev.csv` and `test.csv` (or `.tsv`).

    The first line names the columns `id`, `path`, `glosses` and `signer`, which may be
    missing. `path` is a folder of pictures, a video file or a `.pose` file, from the
    folder of the table or absolute, with slashes or backslashes; `glosses` are
    separated by blanks. Frames are resized, proportions not kept, and cropped as those
    of `phoenix2014`.

    Args:
        split: "train", or another with a table.
        root: folder of the tables.
        frame_size: as for `phoenix2014`.
        crop: as for `phoenix2014`.
        resize: as for `phoenix2014`.
        frame_rate: float, frames a second: videos are sampled at it, folders are
            taken to have it.
        num_clips: int, for the first clips only.
        vocabulary: file with one gloss a line; by default the glosses of the training
            table, sorted. `"<unk>"` comes last, and stands for all others.
        on_bad_clip: as for `phoenix2014`.
        cache_dir: as for `phoenix2014`.
        say: as for `phoenix2014`.
        kind: "video" for what the camera saw; "hand_landmarks" for the points of the
            hand that signs, which MediaPipe finds, or a `.pose` file has; "drawn_hand"
            for that hand drawn as `fingerspelling` draws it. Hands are looked for
            once, and kept in the cache. They are shown in training as they are.
        mirrored: whether the clips show left and right exchanged, as in a mirror.
        shard: as for `phoenix2014`.

    Returns:
        `Corpus`.

    Raises:
        FileNotFoundError: a table or the vocabulary is not there.
        ModuleNotFoundError: PyAV, pose-format or MediaPipe is not installed, and a
            path needs it.
        ValueError: a table without the columns, an option that cannot be, or a bad
            clip; the sentence names it.
    """
    input_format = _format(kind, frame_size, frame_rate, crop, resize)
    root = find_root("table", root, None)
    rows = [
        _of_kind(row, input_format, mirrored, cache_dir)
        for row in read_table(find_table(root, split), frame_rate)
    ]
    if vocabulary is not None:
        vocabulary = read_vocabulary(vocabulary, say)
    else:
        training = _read_lines(find_table(root, "train"))
        vocabulary = gloss_vocabulary(
            gloss for _, line in training for gloss in line["glosses"].split()
        )
    return recorded_corpus(
        name="table",
        split=split,
        root=root,
        rows=rows,
        vocabulary=vocabulary,
        input_format=input_format,
        num_clips=num_clips,
        on_bad_clip=on_bad_clip,
        cache_dir=cache_dir,
        say=say,
        augmentation=Augmentation() if kind == "video" else None,
        shard=shard,
    )


def _format(kind, frame_size, frame_rate, crop, resize):
    if kind == "hand_landmarks":
        crop = 1.0 if crop is None else crop
        return InputFormat(frame_rate=frame_rate, crop=crop, kind=kind)
    if kind == "drawn_hand":
        size = size_2d("frame_size", frame_size, at_least=8)
        resize = resize or "bilinear"
        return InputFormat(*size, frame_rate, crop or 1.0, resize, kind)
    one_of("kind", kind, KINDS)
    return video_format(frame_size, frame_rate, crop, resize)


def _of_kind(row, input_format, mirrored, cache_dir):
    kind, frame_rate = input_format.kind, input_format.frame_rate
    try:
        footage = of_kind(row.footage, kind, frame_rate, mirrored, cache_dir)
    except FootageError as error:
        raise ValueError(
            f"Clip {row.id}: {error}, and load the table with that kind."
        ) from error
    return dataclasses.replace(row, footage=footage)


def find_table(root, split):
    """The path of a split's table.

    Raises:
        FileNotFoundError: it is neither a `.csv` nor a `.tsv` file of `root`.
        ValueError: it is both.
    """
    paths = [root / f"{split}{suffix}" for suffix in DIALECTS]
    found = [path for path in paths if path.is_file()]
    if len(found) > 1:
        raise ValueError(
            f"table: there are both {found[0]} and {found[1]}: remove one of them."
        )
    if not found:
        raise FileNotFoundError(
            f"table: there is neither {split}.csv nor {split}.tsv in {root}."
        )
    return found[0]


def read_table(path, frame_rate=25.0):
    """The clips of a table.

    Args:
        path: `.csv` file, with commas, semicolons or tabs, as its first line has them,
            and quotes where they are needed; or `.tsv` file, with tabs.
        frame_rate: float, frames a second of the clips.

    Returns:
        List of `Row`.

    Raises:
        ValueError: as `read_columns`, and a line without an id or a path.
    """
    rows = []
    for number, line in _read_lines(path):
        clip_id, place = line["id"].strip(), line["path"].strip()
        if not (clip_id and place):
            raise ValueError(f"Line {number} of {path} has no id or path.")
        rows.append(
            Row(
                id=clip_id,
                footage=open_footage(_find(path.parent, place), frame_rate),
                glosses=tuple(line["glosses"].split()),
                signer=line.get("signer", "").strip(),
            )
        )
    return rows


def _read_lines(path):
    return read_columns(path, COLUMNS, **DIALECTS[path.suffix])


def _find(folder, place):
    """The path at a place of a table, which may have been made on Windows."""
    if "\\" in place and not (folder / place).exists():
        place = pathlib.PureWindowsPath(place).as_posix()
    return folder / place


def open_footage(path, frame_rate=25.0):
    """What reads the frames at `path`: `FrameFolder`, `PoseFile` or `Video`.

    Args:
        path: a folder of pictures, a `.pose` file or a video file.
        frame_rate: float, frames a second to give.

    Raises:
        ModuleNotFoundError: what reads such a file is not installed.
        ValueError: a single picture.
    """
    path = pathlib.Path(path)
    if path.suffix.lower() == ".pose":
        return PoseFile(path)
    if path.suffix.lower() in PICTURES:
        raise ValueError(f"{path} is a picture; give the folder of a clip's pictures.")
    # A path without a suffix that is not there is the folder that is missing.
    if path.is_dir() or not path.suffix:
        return FrameFolder(path, frame_rate=frame_rate)
    return Video(path, frame_rate)
