"""What must hold before training: every message names the clip and the mend."""

import itertools

import numpy as np

from dtf_keras.words import has_controls, quoted


class ClipError(ValueError):
    """The frames of a clip are missing, damaged or not what the corpus says."""


def required_steps(ids):
    """The fewest steps CTC can spell `ids` in: one a label, a blank in each repeat."""
    return len(ids) + sum(a == b for a, b in itertools.pairwise(ids))


def check_clip(clip):
    """Raises ValueError where `clip` can be in no split of any corpus."""
    for name, text in [
        ("id", clip.id),
        ("signer", clip.signer),
        *(("glosses", gloss) for gloss in clip.glosses),
    ]:
        if has_controls(text):
            raise ValueError(
                f"Clip {quoted(clip.id)} has a control or invisible character in its "
                f"{name}, {quoted(text)}: take that out."
            )
    for name in ("glosses", "frames"):
        empty = not (clip.glosses if name == "glosses" else clip.num_frames)
        if empty:
            raise ValueError(f"Clip {clip.id} has no {name}; leave it out.")


def check_length(clip, ids, split, time_axis):
    """Raises ValueError where a model makes too few output steps of `clip`.

    In "train" CTC must be able to learn its glosses; elsewhere one step is enough.

    Args:
        clip: `Clip`.
        ids: class ids of its glosses.
        split: name of the split.
        time_axis: of the model, with `steps`.
    """
    have = time_axis.steps(clip.num_frames)
    need = required_steps(ids) if split == "train" else 1
    if have < need:
        raise ValueError(
            f"Clip {clip.id} of {clip.num_frames} frames gives {have} output steps, "
            f"but its {len(ids)} glosses need {need}; leave it out or use more frames."
        )


def check_frames(frames, clip, input_format):
    """Raises ClipError unless `frames` are all of a clip, as its format says."""
    wanted = (clip.num_frames, *input_format.read_shape)
    if not isinstance(frames, np.ndarray) or frames.dtype != input_format.dtype:
        kind = getattr(frames, "dtype", type(frames).__name__)
        values = "palm lengths" if input_format.of_landmarks else "0 to 255"
        raise ClipError(
            f"The frames of clip {clip.id} are {kind}; they must be "
            f"{input_format.dtype}, {values}."
        )
    if frames.shape != wanted:
        raise ClipError(
            f"The frames of clip {clip.id} have the shape {frames.shape}; the corpus "
            f"says {wanted}."
        )
