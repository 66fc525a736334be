"""Hands that another program found in many clips, in one parquet table.

The table is that of Google's ASL Fingerspelling: a row a frame, the sequences (clips)
one after the other, `sequence_id` the same in all rows of one, `frame` its number, and
the places of MediaPipe's points as fractions of the picture: `x_right_hand_0` to
`y_left_hand_20`. Columns of depth, face and body are not read.
"""

import hashlib
import importlib.util
import itertools
import os
import pathlib
import tempfile
import threading
import warnings

import h5py
import numpy as np

from dtf_keras.damage import damage_as
from dtf_keras.data.footage.frame_folder import FootageError
from dtf_keras.files import cache_folder, say_not_kept, set_aside, write_whole
from dtf_keras.hdf5_file import hdf5_file
from dtf_keras.landmarks import NUM_POINTS, WRIST, HandLandmarks, LandmarkError

SIDES = ("right", "left")
READ_AS = 1  # raise it when other points are kept of the same table
ROWS_AT_ONCE = 4096
_BUFFER = 1 << 16  # bytes of a column that are read at once
_COLUMNS = [
    f"{axis}_{side}_hand_{point}"
    for side in SIDES
    for point in range(NUM_POINTS)
    for axis in "xy"
]


class LandmarkTable:
    """A parquet table of landmarks, see this module.

    The first time it is read as a whole, a few thousand rows at a time, and of each
    sequence the hand that signs is kept in the cache: the one that is seen in more
    frames, the right one if both are seen as often.

    Args:
        path: the file.
        cache_dir: folder that remembers, see `dtf_keras.files.cache_folder`.

    Raises:
        ModuleNotFoundError: pyarrow is not installed.
    """

    def __init__(self, path, cache_dir=None):
        if importlib.util.find_spec("pyarrow") is None:
            raise ModuleNotFoundError(
                f"{path} is a parquet table, and reading it needs pyarrow, which is "
                'not installed: pip install "dtf_keras[parquet]"'
            )
        self.path = pathlib.Path(path)
        self._cache_dir = cache_dir
        self._lock = threading.Lock()
        self._kept = None  # fingerprint, and what `_hands` found or what is wrong

    def fingerprint(self):
        """Another string when the file changes; reads none of it.

        Raises:
            FootageError: no such file.
        """
        if not self.path.is_file():
            raise FootageError(f"there is no file {self.path}")
        state = self.path.stat()
        return f"{READ_AS} {state.st_size}-{state.st_mtime_ns}"

    def hand(self, sequence_id):
        """The hand that signs in a sequence.

        Returns:
            "right" or "left"; its points, float32 `[T, 21, 2]`, fractions of the
            picture, NaN where it was not seen; and the numbers of the frames, `[T]`.

        Raises:
            FootageError: the table cannot be read, or has no such sequence.
            OSError: neither the cache nor the folder of temporary files can be written.
        """
        with self._lock:  # of several threads one reads the table
            path, places = self._hands()
            pieces = places.get(sequence_id, [])
            if len(pieces) != 1:
                raise FootageError(
                    f"{self.path} has the sequence {sequence_id} in {len(pieces)} "
                    "places: sort it by sequence_id and frame"
                    if pieces
                    else f"{self.path} has no sequence {sequence_id}"
                )
            ((start, count, side),) = pieces
            rows = slice(start, start + count)
            with hdf5_file(path, lambda error: _damaged(path)) as file:
                return SIDES[side], file["points"][rows], file["frames"][rows]

    def _hands(self):
        """The file of the kept hands, and of each sequence its rows and side."""
        seen = self.fingerprint()
        if self._kept is None or self._kept[0] != seen:
            try:
                path = self._kept_file(seen)
                self._kept = seen, (path, _places(path))
            except FootageError as error:
                self._kept = seen, error
        if isinstance(self._kept[1], FootageError):
            raise self._kept[1]
        return self._kept[1]

    def _kept_file(self, seen):
        text = f"{self.path.resolve()} {seen}"
        name = f"{self.path.stem}-{hashlib.sha256(text.encode()).hexdigest()[:16]}.h5"
        path = cache_folder(self._cache_dir) / "landmark_tables" / name
        try:
            return self._kept_in(path)
        except OSError as error:
            say_not_kept(path.parent.parent, error)
        self._temporary = tempfile.TemporaryDirectory(prefix="dtf_keras-")
        return self._kept_in(pathlib.Path(self._temporary.name) / name)

    def _kept_in(self, path):
        """`path`, made where it is not there, or is damaged."""
        if os.path.isfile(path):
            try:
                _places(path)
                return path
            except FootageError:
                kept = set_aside(path)
                warnings.warn(
                    f"{path} is damaged: kept as {kept} and made anew.", stacklevel=2
                )
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, self._keep)
        return path

    def _keep(self, path):
        with h5py.File(path, "w") as file:
            shape = {"points": (NUM_POINTS, 2), "frames": (), "sequences": (4,)}
            for name, one in shape.items():
                kind = "float32" if name == "points" else "int64"
                file.create_dataset(
                    name, (0, *one), kind, maxshape=(None, *one), chunks=(256, *one)
                )
            for sequence_id, frames, hands in self._sequences():
                often = (~np.isnan(hands[:, :, WRIST, 0])).sum(axis=0)
                side = int(np.argmax(often))
                start = len(file["frames"])
                _append(file["points"], hands[:, side])
                _append(file["frames"], frames)
                place = [[sequence_id, start, len(frames), side]]
                _append(file["sequences"], np.array(place))

    def _sequences(self):
        """Yields id, frame numbers `[T]` and hands `[T, 2, 21, 2]` of each sequence."""
        parts = itertools.chain.from_iterable(map(_runs, self._batches()))
        for sequence_id, run in itertools.groupby(parts, key=lambda part: part[0]):
            _, frames, hands = zip(*run, strict=True)
            yield sequence_id, np.concatenate(frames), np.concatenate(hands)

    def _batches(self):
        """Yields ids `[N]`, frame numbers `[N]` and hands `[N, 2, 21, 2]` of rows."""
        from pyarrow import parquet

        with (
            damage_as(lambda error: self._no_table(), FootageError, of_system=True),
            parquet.ParquetFile(
                self.path, buffer_size=_BUFFER, pre_buffer=False
            ) as table,
        ):
            wanted = ["sequence_id", "frame", *_COLUMNS]
            missing = [one for one in wanted if one not in table.schema_arrow.names]
            if missing:
                raise FootageError(
                    f"{self.path} has no column {missing[0]}, as tables of hand "
                    "landmarks have"
                )
            for batch in table.iter_batches(ROWS_AT_ONCE, columns=wanted):
                values = [
                    batch.column(name).to_numpy(zero_copy_only=False) for name in wanted
                ]
                hands = np.stack(values[2:], axis=1).astype("float32")
                hands = hands.reshape(-1, len(SIDES), NUM_POINTS, 2)
                yield values[0], values[1], hands

    def _no_table(self):
        return FootageError(f"{self.path} is no parquet table, or a damaged one")


class LandmarkSequence:
    """One clip of a `LandmarkTable`.

    Args:
        table: `LandmarkTable`.
        sequence_id: int.
        frame_rate: frames a second that the clip was filmed with.
        picture_size: `(height, width)` of its pictures; their ratio alone counts.

    Attributes:
        path: of the table.
    """

    def __init__(self, table, sequence_id, frame_rate, picture_size):
        self.path = table.path
        self._table, self._sequence_id = table, sequence_id
        self._rate, self._picture_size = frame_rate, tuple(picture_size)

    def fingerprint(self):
        """Another string when the table changes, or what is taken of it."""
        taken = f"{self._sequence_id} {self._rate} {self._picture_size}"
        return f"{self._table.fingerprint()} {taken}"

    def landmarks(self):
        """The `HandLandmarks` of the hand that signs.

        Raises:
            FootageError: the table cannot be read, or has no such sequence, or no hand
                is seen in it.
        """
        side, points, frames = self._table.hand(self._sequence_id)
        try:
            return HandLandmarks(
                points,
                times=(frames - frames[0]) / self._rate,
                unit="fractions",
                picture_size=self._picture_size,
                hand=side,
            )
        except LandmarkError as error:
            where = f"the sequence {self._sequence_id} of {self.path}"
            raise FootageError(f"{where}: {error}") from error


def _runs(rows):
    """Yields the parts of a batch in which the sequence is the same."""
    ids, frames, hands = rows
    edges = [0, *(1 + np.flatnonzero(np.diff(ids))), len(ids)]
    for start, end in itertools.pairwise(edges):
        if end > start:
            yield int(ids[start]), frames[start:end], hands[start:end]


def _append(dataset, values):
    dataset.resize(len(dataset) + len(values), axis=0)
    dataset[len(dataset) - len(values) :] = values


def _damaged(path):
    return FootageError(f"{path} is damaged: remove it, and it is made anew")


def _places(path):
    """Of each sequence its pieces: `{id: [(start, count, side)]}`."""
    places = {}
    with hdf5_file(path, lambda error: _damaged(path)) as file:
        for sequence_id, *place in file["sequences"][:].tolist():
            places.setdefault(sequence_id, []).append(place)
    return places
