"""The steps of a clip of any length: window by window where the model allows it."""

import dataclasses

import numpy as np

WINDOW = 256  # frames


@dataclasses.dataclass(frozen=True)
class ClipSteps:
    """What a model says of a whole clip.

    Attributes:
        logits: float32 `[S, V]`.
        frames: int `[S]`, first frame of each step, ascending.
        num_frames: frames of the clip.
    """

    logits: np.ndarray
    frames: np.ndarray
    num_frames: int


@dataclasses.dataclass(frozen=True)
class Windows:
    """How long clips are cut: in windows of one length that overlap.

    Attributes:
        length: frames of a window; `None` takes clips whole.
        overlap: frames that two neighbours share.
        cut: frames after a window's first one from which its steps are taken, instead
            of those of the window before.
    """

    length: int | None
    overlap: int = 0
    cut: int = 0

    @classmethod
    def of(cls, axis, name, window=None, overlap=None):
        """The windows that suit a model.

        With the default overlap a step is taken only from a window that holds all the
        frames it sees: the steps are those of the whole clip. With a shorter one that
        is so only away from the cuts.

        Args:
            axis: `TimeAxis` of the model.
            name: its name.
            window: frames; 256, or four times what a step sees if that is more, by
                default.
            overlap: frames; by default as many as a step sees.

        Raises:
            ValueError: windows for a model whose steps see the whole clip, or numbers
                that are too small.
        """
        if axis.before is None:
            if window is not None or overlap is not None:
                raise ValueError(
                    f"Every step of {name} depends on the whole clip, so that it "
                    "cannot be cut into windows: leave out window and overlap."
                )
            return cls(None)
        stride = axis.stride
        before, after = _up(axis.before, stride), _up(axis.after, stride)
        sees = before + after + stride
        if overlap is None:
            overlap, cut = sees, before
        else:
            if overlap < 0:
                raise ValueError(f"overlap must be at least 0. Received: {overlap}.")
            overlap = _up(overlap, stride)
            cut = overlap * before // sees // stride * stride
        if window is None:
            window = max(WINDOW, 4 * sees)
        window = window // stride * stride
        if window - overlap < stride:
            raise ValueError(
                f"A window of {window} frames with an overlap of {overlap} does not "
                f"move on: give {name} a window of at least {overlap + stride} frames."
            )
        return cls(window, overlap, cut)


def clip_steps(step_model, frames, windows):
    """Runs a model over a stream of frames.

    Args:
        step_model: `StepModel`.
        frames: iterable of uint8 `[H, W, 3]`.
        windows: `Windows`; with a length, only so many frames' features are kept.

    Returns:
        `ClipSteps`.
    """
    length = windows.length or np.inf
    logits, firsts = [], []
    held, start, lowest = [], 0, 0  # features, of frames from `start` on

    def take(upto, below):
        steps = step_model.steps(_joined(held)[:upto])
        places = start + steps.frames
        chosen = (places >= lowest) & (places < below)
        logits.append(steps.logits[chosen])
        firsts.append(places[chosen])

    count = 0
    for part in step_model.features(frames):
        held.append(part)
        count += len(part)
        while count - start > length:  # more is to come, so this one is not the last
            following = start + windows.length - windows.overlap
            take(windows.length, following + windows.cut)
            held = [_joined(held)[following - start :]]
            start, lowest = following, following + windows.cut
    take(None, np.inf)
    return ClipSteps(np.concatenate(logits), np.concatenate(firsts), count)


def _joined(parts):
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _up(number, stride):
    return -(-number // stride) * stride
