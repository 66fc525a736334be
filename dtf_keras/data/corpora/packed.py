"""A corpus packed into one file by `scripts/pack.py`."""

from dtf_keras.data.batches.augmentation import Augmentation
from dtf_keras.data.corpora.recorded import check_options, find_root, without
from dtf_keras.data.corpora.registry import register
from dtf_keras.data.corpus import Clip, Corpus
from dtf_keras.data.packed_file.reading import FrameReader, read_tables
from dtf_keras.data.vocabulary_file import read_vocabulary, say_unknown
from dtf_keras.values import size_2d, size_in_words


@register("packed")
def packed(
    split,
    root=None,
    frame_size=None,
    crop=None,
    resize=None,
    num_clips=None,
    vocabulary=None,
    say=print,
):
    """Any corpus that `scripts/pack.py` packed.

    Args:
        split: a split that was packed.
        root: the file.
        frame_size: as it was packed, if it is given.
        crop: as it was packed, if it is given.
        resize: as it was packed, if it is given.
        num_clips: int, for the first clips only.
        vocabulary: file with other glosses than those in the packed file, see
            `dtf_keras.data.vocabulary_file`.
        say: function that shows a line of text.

    Returns:
        `Corpus`, with the name of the corpus that was packed.

    Raises:
        FileNotFoundError: no such file.
        ValueError: it is not a whole packed corpus, or has not what is asked for.
    """
    path = find_root("packed", root, None)
    given = None if vocabulary is None else read_vocabulary(vocabulary)
    return load_split(
        path,
        split,
        frame_size=frame_size,
        crop=crop,
        resize=resize,
        num_clips=num_clips,
        vocabulary=given,
        say=say,
    )


def load_split(
    path,
    split,
    *,
    name=None,
    frame_size=None,
    crop=None,
    resize=None,
    num_clips=None,
    vocabulary=None,
    on_bad_clip="stop",
    leave_out=(),
    say=print,
):
    """A split of a packed file as a `Corpus`: see `packed`.

    Args:
        path: the file.
        split: a split that was packed.
        name: the corpus that it must be, or None.
        frame_size: as for `packed`.
        crop: as for `packed`.
        resize: as for `packed`.
        num_clips: as for `packed`.
        vocabulary: `Vocabulary` in place of the one in the file, or None.
        on_bad_clip: "stop" or "skip", which was done when the file was packed.
        leave_out: ids of clips to leave out.
        say: function that shows a line of text.
    """
    about, table = read_tables(path, split)
    if name not in (None, about.name):
        raise ValueError(
            f"{path} has {about.name} packed in it, not {name}: train with --data "
            f"{about.name}, or give another --root."
        )
    check_options(num_clips, on_bad_clip)
    _check_format(path, about.input_format, frame_size, crop, resize)
    label = f"{about.name} {split}"
    rows = without(label, table, leave_out, say)[:num_clips]
    clips = [Clip(row.id, row.glosses, row.signer, row.num_frames) for row in rows]
    vocabulary = vocabulary or about.vocabulary
    say_unknown(label, clips, vocabulary, say)
    return Corpus(
        name=about.name,
        split=split,
        vocabulary=vocabulary,
        clips=clips,
        input_format=about.input_format,
        read=FrameReader(path, about.input_format.read_size, rows),
        augmentation=Augmentation() if about.augmented else None,
    )


def _check_format(path, packed, frame_size, crop, resize):
    """Raises ValueError where an option that is given is not as in the file."""
    if frame_size is not None:
        frame_size = size_2d("frame_size", frame_size)
        if frame_size != packed.frame_size:
            has, asked = map(size_in_words, (packed.frame_size, frame_size))
            flag = has.replace("x", " ")
            raise ValueError(
                f"{path} was packed for frames of {has} pixels, not {asked}: give "
                f"--frame-size {flag}, or pack again."
            )
    for option, asked in (("crop", crop), ("resize", resize)):
        has = getattr(packed, option)
        if asked not in (None, has):
            raise ValueError(
                f"{path} was packed with {option} {has}, not {asked}: give "
                f"--{option} {has}, or pack again."
            )
