"""CSL-Daily, as released or packed into one file.

Sentences of everyday life in Chinese Sign Language. The corpus is to be had from the
University of Science and Technology of China after a release agreement is signed
(https://ustc-slr.github.io/datasets/2021_csl_daily/); nothing of it is part of this
package.

Source: Zhou et al., "Improving sign language translation with monolingual data by sign
back-translation", 2021, arXiv 2105.12397.
"""

import csv
import dataclasses
import pathlib

from dtf_keras.data.batches.augmentation import Augmentation
from dtf_keras.data.corpora import packed
from dtf_keras.data.corpora.facts import CorpusFacts
from dtf_keras.data.corpora.phoenix_release import content
from dtf_keras.data.corpora.recorded import (
    Row,
    find_root,
    recorded_corpus,
    video_format,
    without,
)
from dtf_keras.data.corpora.registry import register
from dtf_keras.data.footage.frame_folder import FootageError, FrameFolder
from dtf_keras.data.packed_file.shards import is_packed
from dtf_keras.data.text_table import read_columns
from dtf_keras.data.vocabulary_file import gloss_vocabulary, read_vocabulary, some
from dtf_keras.plain_pickle import read_plain_pickle
from dtf_keras.words import quoted, tell

NAME = "csl_daily"
VARIABLE = "DTF_KERAS_CSL_DAILY"
SPLITS = ("train", "dev", "test")
FRAME_RATE = 30.0
"""Frames a second, as those who work with the corpus say (tongsun99/CTL, README); the
release itself does not."""
LABELS = pathlib.PurePath("sentence_label")
ANNOTATIONS = LABELS / "csl2020ct_v2.pkl"
SPLIT_TABLE = "split_1.txt"
FRAMES = ("sentence/frames_512x512", "sentence_frames-512x512/frames_512x512")
"""Where the frames may lie: the archives of the release have had both names."""
NOT_RELEASED = ("S000005_P0004_T00",)
"""Clips that the table of splits names, and that are not in the release."""


def _licence():
    return (
        "CSL-Daily of the University of Science and Technology of China: on request, "
        "by a release agreement that is signed; no licence"
    )


@register(
    NAME,
    CorpusFacts(
        licence=_licence,
        limits=("It learnt sentences of everyday life, signed by ten people.",),
        rules="phoenix2014",
        packed=True,
    ),
)
def csl_daily(
    split,
    root=None,
    frame_size=112,
    crop=None,
    resize=None,
    num_clips=None,
    vocabulary=None,
    on_bad_clip="stop",
    leave_out=NOT_RELEASED,
    cache_dir=None,
    say=tell,
    shard=None,
):
    """Everyday sentences in Chinese Sign Language, 30 frames a second, ten signers.

    Frames are resized from 512x512 and cropped, and files checked once, as those of
    `phoenix2014`. Published figures go through the clean-up of PHOENIX-2014, and so do
    those here.

    Published networks number the glosses of training, dev and test together, sorted:
    2,000 of them. Here classes are those of training, and `"<unk>"`; a converted
    network brings its own.

    Args:
        split: "train" (18,401 clips), "dev" (1,077) or "test" (1,176).
        root: folder with `sentence_label` and `sentence`, or what
            `scripts/pack.py` wrote, a file or a folder of shards; by default
            `$DTF_KERAS_CSL_DAILY`.
        frame_size: as for `phoenix2014`.
        crop: as for `phoenix2014`.
        resize: as for `phoenix2014`.
        num_clips: int, for the first clips only.
        vocabulary: file with one gloss a line; by default the glosses of training,
            sorted. `"<unk>"` comes last, and stands for all others.
        on_bad_clip: as for `phoenix2014`; a clip of the split that is not annotated is
            a bad one too.
        leave_out: ids of clips to leave out.
        cache_dir: as for `phoenix2014`.
        say: as for `phoenix2014`.
        shard: as for `phoenix2014`.

    Returns:
        `Corpus`.

    Raises:
        FileNotFoundError: the corpus is not there.
        ValueError: an option that cannot be, annotations of another form or that hold
            more than plain values, which are never executed; or a bad clip. The
            sentence names it.
    """
    if split not in SPLITS:
        raise ValueError(
            f"{NAME} has no split {quoted(split)}; it has {', '.join(SPLITS)}."
        )
    root = find_root(NAME, root, VARIABLE)
    given = None if vocabulary is None else read_vocabulary(vocabulary, say)
    if is_packed(root):
        return packed.load_split(
            root,
            split,
            name=NAME,
            frame_size=frame_size,
            crop=crop,
            resize=resize,
            num_clips=num_clips,
            vocabulary=given,
            on_bad_clip=on_bad_clip,
            leave_out=leave_out,
            say=say,
        )
    rows = read_rows(root, say)
    if given is None:
        given = gloss_vocabulary(g for row in rows["train"] for g in row.glosses)
    return recorded_corpus(
        name=NAME,
        split=split,
        root=root,
        rows=without(f"{NAME} {split}", rows[split], leave_out, say),
        vocabulary=given,
        input_format=video_format(frame_size, FRAME_RATE, crop, resize),
        num_clips=num_clips,
        on_bad_clip=on_bad_clip,
        cache_dir=cache_dir,
        say=say,
        augmentation=Augmentation(),
        shard=shard,
    )


def read_rows(root, say=tell):
    """The clips of all splits, in the order of the table of splits.

    Args:
        root: path of the release.
        say: function that shows a line of text: clips that are in no split.

    Returns:
        Dict of split to a list of `Row`. One that is not annotated has no glosses, and
        footage that says so.

    Raises:
        FileNotFoundError: the annotations, the table of splits or the frames are not
            there; the sentence says what was looked for and found.
        ValueError: a file of another form, or a pickle that holds more than plain
            values.
    """
    annotations = _find(root, [ANNOTATIONS])
    table = _find(root, [LABELS / SPLIT_TABLE, pathlib.PurePath(SPLIT_TABLE)])
    frames = _find(root, FRAMES)
    annotated = _read_annotations(annotations)
    rows = {split: [] for split in SPLITS}
    columns = ("name", "split")
    lines = read_columns(table, columns, delimiter="|", quoting=csv.QUOTE_NONE)
    for number, line in lines:
        name, split = (line[column].strip() for column in columns)
        if split not in rows:
            raise ValueError(
                f"Line {number} of {table} has the split {quoted(split)}; there are "
                f"{', '.join(SPLITS)}."
            )
        if name in annotated:
            footage = FrameFolder(frames / name, "*.jpg", numbered=True)
            rows[split].append(Row(name, footage, *annotated[name]))
        else:
            footage = _NotAnnotated(annotations, table.name)
            rows[split].append(Row(name, footage, (), ""))
    named = {row.id for found in rows.values() for row in found}
    if left := sorted(annotated.keys() - named):
        say(f"{NAME}: {len(left)} annotated clips are in no split: {some(left)}")
    return rows


@dataclasses.dataclass(frozen=True)
class _NotAnnotated:
    """Stands for the frames of a clip that no annotation goes with."""

    path: pathlib.Path
    table: str

    def fingerprint(self):
        raise FootageError(f"{self.table} names it, and {self.path} does not have it")


def _find(root, places):
    """The path of the first of `places` below `root` that is there."""
    paths = [root / place for place in places]
    found = next(filter(pathlib.Path.exists, paths), None)
    if found is None:
        above = paths[0].parent
        raise FileNotFoundError(
            f"{NAME}: there is no {' and no '.join(map(str, paths))}; "
            f"{above if above.is_dir() else root} has "
            f"{content(above if above.is_dir() else root)}."
        )
    return found


def _read_annotations(path):
    """Glosses and signer of each annotated clip, a dict by its name."""
    made = read_plain_pickle(path, "a dict of CSL-Daily's annotations")
    clips = made.get("info") if isinstance(made, dict) else None
    if not isinstance(clips, list):
        raise ValueError(f"{path} has no list 'info' of annotated clips.")
    found = {}
    for number, clip in enumerate(clips):
        try:
            glosses = tuple(" ".join(clip["label_gloss"]).split())
            found[clip["name"].strip()] = glosses, str(clip["signer"])
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError(
                f"Clip {number} of 'info' in {path} has no name, signer and list "
                f"label_gloss of strings ({error!r})."
            ) from error
    return found
