"""Clips of any length: window by window where the model allows it."""

import dataclasses

import numpy as np

WINDOW = 256  # frames


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
    def of(cls, axis, name, window=None, overlap=None, least=WINDOW):
        """The windows that suit a model, or a part of one.

        With the default overlap a step is taken only from a window that holds all the
        frames it sees: the steps are those of the whole clip. With a shorter one that
        is so only away from the cuts.

        Args:
            axis: `dtf_keras.layers.TimeAxis` of the model.
            name: its name.
            window: frames; `least`, or four times what a step sees if that is more, by
                default.
            overlap: frames; by default as many as a step sees beside its own.
            least: frames.

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
        grid = axis.grid
        before, after = _up(axis.before, grid), _up(axis.after, grid)
        sees = before + after + grid
        if overlap is None:
            overlap, cut = before + after, before
        else:
            if overlap < 0:
                raise ValueError(f"overlap must be at least 0. Received: {overlap}.")
            overlap = _up(overlap, grid)
            cut = overlap * before // sees // grid * grid
        if window is None:
            window = max(least, 4 * sees)
        window = window // grid * grid
        if window - overlap < grid:
            raise ValueError(
                f"A window of {window} frames with an overlap of {overlap} does not "
                f"move on: give {name} a window of at least {overlap + grid} frames."
            )
        return cls(window, overlap, cut)


def windowed(parts, windows, compute):
    """What a function of a sequence gives for a long one, window by window.

    Args:
        parts: iterable of arrays `[n, ...]`, the sequence piece by piece; only as much
            as a window is held.
        windows: `Windows`.
        compute: function from a window, `[n, ...]`, to outputs `[m, ...]` and their
            places in it, int `[m]`, ascending.

    Yields:
        Outputs `[k, ...]` and their places in the sequence, int `[k]`; all together
        they are those of the whole sequence.
    """
    length = windows.length or np.inf
    held, count = [], 0  # what is left of the sequence from `start` on, and its end
    start, lowest = 0, -np.inf

    def take(window, below):
        outputs, places = compute(window)
        places = start + places
        chosen = (places >= lowest) & (places < below)
        return outputs[chosen], places[chosen]

    for part in parts:
        held.append(part)
        count += len(part)
        while count - start > length:  # more is to come, so this one is not the last
            sequence = _joined(held)
            following = start + windows.length - windows.overlap
            yield take(sequence[: windows.length], following + windows.cut)
            held = [sequence[following - start :]]
            start, lowest = following, following + windows.cut
    if held:
        yield take(_joined(held), np.inf)


class GrowingWindow:
    """`windowed` of a sequence that is still going on: its last stretch is held.

    Args:
        axis: `dtf_keras.layers.TimeAxis` of the function; its steps see a bounded part.
        compute: as `windowed` takes it.

    Attributes:
        start: of the sequence, the first part that is held.
    """

    def __init__(self, axis, compute):
        self._axis, self._compute = axis, compute
        self._held = []
        self.start = self._count = 0
        self._lowest = -np.inf  # what the function repeats may lie before the sequence

    def push(self, part=None, last=False):
        """Takes more of the sequence, `[n, ...]`, and computes what is new.

        Args:
            part: `None` for nothing more.
            last: whether the sequence ends here.

        Returns:
            Outputs `[m, ...]` and their places in the sequence, int `[m]`, and how many
            of them, counted from the first, nothing that comes can change. The others
            are as if the sequence ended here, and come again. `None` before there is
            anything.
        """
        if part is not None and len(part):
            self._held.append(part)
            self._count += len(part)
        if not self._held:
            return None
        window = _joined(self._held)
        outputs, places = self._compute(window)
        places = self.start + places
        new = places >= self._lowest
        outputs, places = outputs[new], places[new]
        below = np.inf if last else self._count - self._axis.after
        settled = int(np.searchsorted(places, below))
        self._lowest = max(self._lowest, self._count - self._axis.after)
        grid = self._axis.grid
        first = max(0, (self._lowest - self._axis.before) // grid * grid)
        self._held = [window[first - self.start :]]
        self.start = first
        return outputs, places, settled


def _joined(parts):
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _up(number, grid):
    return -(-number // grid) * grid
