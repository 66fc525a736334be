"""What must hold before training: every message names the clip and the mend."""

import itertools
import numbers

import numpy as np


class ClipError(ValueError):
    """The frames of a clip are missing, damaged or not what the corpus says."""


def output_steps(num_frames):
    """T' of a clip of `num_frames` frames: two poolings, each halves and rounds down.

    Source: the temporal poolings of the recognisers of `dtf_keras.models`.
    """
    return (num_frames // 2) // 2


def required_steps(ids):
    """The fewest steps CTC can spell `ids` in: one a label, a blank in each repeat."""
    return len(ids) + sum(a == b for a, b in itertools.pairwise(ids))


def required_frames(ids):
    """The fewest frames of a clip whose `output_steps` spell `ids`."""
    return 4 * required_steps(ids)


def check_clip(clip, vocabulary, split):
    """Raises ValueError where `clip` cannot be in a split; returns its class ids.

    In "train" CTC must be able to learn it; elsewhere one output step is enough.
    """
    if not clip.glosses:
        raise ValueError(f"Clip {clip.id} has no glosses; leave it out.")
    ids = vocabulary.encode(clip.glosses, clip_id=clip.id)
    check_ids(ids, vocabulary.num_classes, clip.id)
    have = output_steps(clip.num_frames)
    need = required_steps(ids) if split == "train" else 1
    if have < need:
        raise ValueError(
            f"Clip {clip.id} of {clip.num_frames} frames gives {have} output steps, "
            f"but its {len(ids)} glosses need {need}; leave it out or use more frames."
        )
    return ids


def check_ids(ids, num_classes, clip_id):
    """Raises ValueError where an id is the blank or no class of the vocabulary."""
    for class_id in ids:
        if not 0 < class_id < num_classes:
            raise ValueError(
                f"Clip {clip_id} has the label {class_id}, outside "
                f"1..{num_classes - 1}; its vocabulary is another one."
            )


def check_clips(clips, vocabulary, split):
    """`check_clip` for all; also raises ValueError where two clips share an id."""
    seen = set()
    for clip in clips:
        check_clip(clip, vocabulary, split)
        if clip.id in seen:
            raise ValueError(f"Two clips are named {clip.id}; rename one of them.")
        seen.add(clip.id)
    if not seen:
        raise ValueError(f"The split {split!r} has no clips.")


def check_frames(frames, clip, frame_size):
    """Raises ClipError unless `frames` are uint8 `[T, frame_size, frame_size, 3]`."""
    wanted = (clip.num_frames, frame_size, frame_size, 3)
    if not isinstance(frames, np.ndarray) or frames.dtype != np.uint8:
        kind = getattr(frames, "dtype", type(frames).__name__)
        raise ClipError(
            f"The frames of clip {clip.id} are {kind}; they must be uint8, 0 to 255."
        )
    if frames.shape != wanted:
        raise ClipError(
            f"The frames of clip {clip.id} have the shape {frames.shape}; the corpus "
            f"says {wanted}."
        )


def check_whole_number(name, value, least):
    """Raises ValueError unless the option `name` is an int of at least `least`."""
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not whole or value < least:
        raise ValueError(
            f"{name} is a whole number of at least {least}, not {value!r}."
        )
