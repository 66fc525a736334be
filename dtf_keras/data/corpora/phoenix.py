"""RWTH-PHOENIX-Weather 2014 and 2014-T, as released or packed into one file.

The corpora are to be had from RWTH Aachen; nothing of them is part of this package.

Sources: Koller et al., "Continuous sign language recognition: towards large vocabulary
statistical recognition systems handling multiple signers", 2015; Camgoz et al.,
"Neural sign language translation", 2018.
"""

import functools

from dtf_keras.data.batches.augmentation import Augmentation
from dtf_keras.data.corpora import packed
from dtf_keras.data.corpora.facts import CorpusFacts
from dtf_keras.data.corpora.phoenix_annotations import read_rows
from dtf_keras.data.corpora.phoenix_release import (
    FRAME_RATE,
    MULTISIGNER,
    SI5,
    SPLITS,
    TRANSLATION,
    find_release,
)
from dtf_keras.data.corpora.recorded import (
    find_root,
    recorded_corpus,
    video_format,
    without,
)
from dtf_keras.data.corpora.registry import register
from dtf_keras.data.packed_file.shards import is_packed
from dtf_keras.data.vocabulary_file import gloss_vocabulary, read_vocabulary
from dtf_keras.words import tell

OUTLIERS = ("13April_2011_Wednesday_tagesschau_default-14",)
"""Training clips whose annotation does not fit what is signed in them."""


def phoenix(
    release,
    split,
    root=None,
    frame_size=112,
    crop=None,
    resize=None,
    num_clips=None,
    vocabulary=None,
    on_bad_clip="stop",
    leave_out=OUTLIERS,
    cache_dir=None,
    say=tell,
    shard=None,
):
    """Weather forecasts in German Sign Language, 25 frames a second.

    `phoenix2014` has nine signers, all in every split; of `phoenix2014_si5` signer 5
    is in dev and test and never in training; `phoenix2014t` is cut into sentences for
    translation, and its glosses are used.

    Frames are resized from 210x260, proportions not kept, and cropped: at the centre,
    or anywhere in training. The first time, every file is read once and checked; that
    is remembered until files come or go.

    Args:
        release: `Release`; registered are all three under their names.
        split: "train" (5,672 clips of `phoenix2014`), "dev" (540) or "test" (629).
        root: folder of the release, or one around it, or what
            `scripts/pack.py` wrote, a file or a folder of shards; by default
            `$DTF_KERAS_PHOENIX2014` or `$DTF_KERAS_PHOENIX2014T`.
        frame_size: height and width of the crops in pixels, or both as one int.
        crop: sides of the crops as shares of the resized frame's: 0.875, if it is not
            given, makes crops of 112 out of 128 pixels. A packed file has its own.
        resize: how frames are resized, "bilinear", if it is not given, or "lanczos"
            (as Pillow has it). A packed file has its own; smaller frames than its own
            are made of them, which is said.
        num_clips: int, for the first clips only.
        vocabulary: file with the glosses: `newtrainingClasses.txt`, or one a line. By
            default those of the training annotations, sorted. `"<unk>"` comes last,
            and stands for the glosses of dev and test that are not in it.
        on_bad_clip: "stop" with an error at a clip that has no glosses or whose files
            are missing or damaged; "skip" leaves it out and says so.
        leave_out: ids of clips to leave out.
        cache_dir: where what is checked is remembered; by default
            `$DTF_KERAS_CACHE` or `~/.cache/dtf_keras`; a packed file needs none.
        say: function that shows a line of text.
        shard: "3/16" for the third of sixteen parts of the clips: the files of the
            others are not looked at.

    Returns:
        `Corpus`.

    Raises:
        FileNotFoundError: the corpus is not there.
        ValueError: an option that cannot be, or a bad clip; the sentence names it.
    """
    if split not in SPLITS:
        raise ValueError(
            f"{release.name} has no split {split!r}; it has {', '.join(SPLITS)}."
        )
    root = find_root(release.name, root, release.variable)
    given = None if vocabulary is None else read_vocabulary(vocabulary, say)
    if is_packed(root):
        return packed.load_split(
            root,
            split,
            name=release.name,
            frame_size=frame_size,
            crop=crop,
            resize=resize,
            num_clips=num_clips,
            vocabulary=given,
            on_bad_clip=on_bad_clip,
            leave_out=leave_out,
            say=say,
        )
    folder = find_release(release, root)
    rows = read_rows(release, folder, split)
    if given is None:
        training = rows if split == "train" else read_rows(release, folder, "train")
        given = gloss_vocabulary(gloss for row in training for gloss in row.glosses)
    return recorded_corpus(
        name=release.name,
        split=split,
        root=folder,
        rows=without(f"{release.name} {split}", rows, leave_out, say),
        vocabulary=given,
        input_format=video_format(frame_size, FRAME_RATE, crop, resize),
        num_clips=num_clips,
        on_bad_clip=on_bad_clip,
        cache_dir=cache_dir,
        say=say,
        augmentation=Augmentation(),
        shard=shard,
    )


def _registered(release, rules):
    register_as = register(release.name, CorpusFacts(rules=rules, packed=True))
    return register_as(functools.partial(phoenix, release))


phoenix2014 = _registered(MULTISIGNER, rules="phoenix2014")
phoenix2014_si5 = _registered(SI5, rules="phoenix2014")
phoenix2014t = _registered(TRANSLATION, rules="phoenix2014t")
