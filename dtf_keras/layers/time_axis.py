"""Where the steps of a model lie in time, and how far around it each sees."""

import dataclasses
import functools
import math

import numpy as np

from dtf_keras.layers.time_geometry import geometry_of


@dataclasses.dataclass(frozen=True)
class _Reach:
    """What one tensor's steps see, in steps of the tensor at the start.

    `before` is `None` where a step may see all; `stride` is the distance of two steps,
    and `gap` the largest one where they are not even. A part begins at a multiple of
    `grid`.
    """

    before: int | None = 0
    after: int | None = 0
    stride: int = 1
    gap: int = 1
    grid: int = 1

    def through(self, geometry):
        gap = geometry.stride if geometry.gap is None else geometry.gap
        grid = geometry.stride if geometry.grid is None else geometry.grid
        stride = self.stride * geometry.stride
        grid = math.lcm(self.grid, self.stride * grid)
        whole = _Reach(None, None, stride, self.gap * gap, grid)
        # Which uneven steps a pooling joins depends on all before them.
        joins_uneven = geometry.stride != 1 and self.gap != self.stride
        if self.before is None or not geometry.bounded or joins_uneven:
            return whole
        return dataclasses.replace(
            whole,
            before=self.before + self.gap * geometry.before,
            after=self.after + self.gap * geometry.after,
        )

    def joined(self, other):
        whole = None in (self.before, other.before)
        return dataclasses.replace(
            self,
            before=None if whole else max(self.before, other.before),
            after=None if whole else max(self.after, other.after),
            gap=max(self.gap, other.gap),
            grid=math.lcm(self.grid, other.grid),
        )


@dataclasses.dataclass(frozen=True)
class Move:
    """One layer on the way: from the tensors that carry time to its output."""

    layer: object
    sources: tuple
    target: object


class TimeAxis:
    """What the layers between two tensors of a functional model do to the time axis.

    Args:
        start: KerasTensor `[B, T, ...]`, such as the model's video.
        end: KerasTensor `[B, T', ...]`, such as its logits.

    Attributes:
        before: input steps (frames, if `start` is the video) that an output step sees
            before its own place; `None` if it may see the whole clip.
        after: the same after its place.
        stride: input steps between two output steps, on average where they are not
            even.
        grid: a part of the input gives the steps that the whole has there, if it begins
            at a multiple of so many input steps.
        moves: list of `Move`, in the order in which the data goes.
        undetermined: the layers whose steps depend on what is in the clip.

    Raises:
        TypeError: a layer that does not say what it does to the time axis.
        ValueError: the end does not depend on the start, or two ways to one layer have
            different steps.
    """

    def __init__(self, start, end):
        self.start, self.end = start, end
        self.moves = _moves(start, end)
        self._geometry = {
            id(move.target): geometry_of(move.layer) for move in self.moves
        }
        self.undetermined = tuple(
            move.layer
            for move in self.moves
            if self._geometry[id(move.target)].places is None
        )
        reach = self._along(_Reach(), _Reach.joined, lambda r, g, _: r.through(g))
        self.before, self.after, self.stride = reach.before, reach.after, reach.stride
        self.grid = reach.grid

    @functools.lru_cache(maxsize=4096)  # noqa: B019 (a few lengths, with the model)
    def steps(self, num_frames):
        """Real output steps of a clip; the most where they depend on what is in it.

        Args:
            num_frames: int, real input steps.
        """
        return self._along(int(num_frames), _same, lambda n, g, _: g.steps(n))

    def frames_for(self, steps):
        """The fewest frames that give so many output steps (ints)."""
        low, high = 0, 1
        while self.steps(high) < steps:
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.steps(middle) < steps else (low, middle)
        return high if steps > 0 else 0

    def places(self, num_frames, kept=None):
        """The input step at which each output step of a clip lies.

        Args:
            num_frames: int, real input steps.
            kept: dict of the name of each of the `undetermined` layers to the input
                steps of its own that it keeps, int `[A]` (see `ChosenNeighbours`).

        Returns:
            int `[T']`, ascending.

        Raises:
            ValueError: `kept` lacks a layer.
        """
        return self.trace(num_frames, kept)[0]

    def trace(self, num_frames, kept=None):
        """`places`, and for the name of each layer those of the steps that it reads."""
        kept, read = kept or {}, {}

        def move(places, geometry, layer):
            read[layer.name] = places
            if geometry.places is not None:
                return geometry.places(places)
            if layer.name not in kept:
                raise ValueError(
                    f"Which steps layer {layer.name!r} keeps depends on the clip: give "
                    "them in `kept`."
                )
            return places[kept[layer.name]]

        return self._along(np.arange(num_frames), _same_array, move), read

    def cut(self):
        """The first tensor of features, `[B, T, D]`, through which all goes.

        From pixels to features most of the work is done, in few frames at a time; what
        follows is little, and may look at the whole clip.

        Raises:
            ValueError: there is none.
        """
        for number, move in enumerate(self.moves):
            known = {id(later.target) for later in self.moves[number:]}
            rest = self.moves[number + 1 :]
            alone = all(id(x) in known for later in rest for x in later.sources)
            if len(move.target.shape) == 3 and alone:
                return move.target
        raise ValueError("No layer of the model gives features [B, T, D].")

    def _along(self, first, join, through):
        """A value carried from the start to the end."""
        values = {id(self.start): first}
        for move in self.moves:
            value = functools.reduce(join, (values[id(x)] for x in move.sources))
            geometry = self._geometry[id(move.target)]
            values[id(move.target)] = through(value, geometry, move.layer)
        return values[id(self.end)]


def _same(a, b):
    if a != b:
        raise ValueError(f"A layer of the model joins {a} with {b} steps.")
    return a


def _same_array(a, b):
    _same(len(a), len(b))
    return a


def _moves(start, end):
    """The layers between two tensors, each after those that it needs."""
    moves, leads = [], {id(start): True}  # whether a tensor depends on the start

    def visit(tensor):
        if id(tensor) not in leads:
            layer, node_index, _ = tensor._keras_history
            inputs = layer._inbound_nodes[node_index].input_tensors
            sources = tuple(x for x in inputs if visit(x))
            leads[id(tensor)] = bool(sources)
            if sources:
                moves.append(Move(layer, sources, tensor))
        return leads[id(tensor)]

    if not visit(end):
        raise ValueError("The outputs do not depend on the clip.")
    return moves
