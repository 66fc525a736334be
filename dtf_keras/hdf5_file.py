"""HDF5 files, read: what may be wrong with one is decided here; for every floor."""

import contextlib
import mmap
import os

from dtf_keras.damage import damage_as
from dtf_keras.locks import IN_USE, FileInUseError, holder


@contextlib.contextmanager
def hdf5_file(path, damaged, passing=(), content=None):
    """An HDF5 file, open for reading.

    Args:
        path: the file.
        damaged: function from whatever HDF5 raises to the error to raise.
        passing: classes of exceptions that may come from within, as they are.
        content: file-like object with the bytes, where they are not those of `path`.

    Yields:
        `h5py.File`.

    Raises:
        FileInUseError: another process has it open.
        OSError: as the operating system says; names the file.
        What `damaged` gives: it is cut off, damaged or of another kind, wherever in it
            that is found.
    """
    import h5py

    try:
        with (
            damage_as(damaged, passing),
            h5py.File(content or path, "r") as file,
        ):
            _require_heaps_that_end(file, path, content)
            yield file
    except OSError as error:
        if error.errno in IN_USE:
            raise FileInUseError(
                f"{path} is in use by {holder(path)}: wait until it is closed there. "
                "If nobody has it, its file system cannot lock files, as network ones: "
                "set HDF5_USE_FILE_LOCKING=FALSE."
            ) from error
        raise OSError(error.errno, os.strerror(error.errno), str(path)) from error


def _require_heaps_that_end(file, path, content):
    """Checks that HDF5 comes to the end of the heaps that hold the file's strings.

    HDF5 1.14 reads a heap for ever in which a piece has no length. Heaps are looked for
    between the datasets, which may be large.

    Raises:
        ValueError: there is such a heap.
    """
    datasets = []

    def note(_, member):
        start = getattr(member.id, "get_offset", lambda: None)()
        if start is not None:
            datasets.append((start, start + member.id.get_storage_size()))

    file.visititems(note)
    with contextlib.ExitStack() as stack:
        if content is not None:
            raw = content.getvalue()
        else:
            opened = stack.enter_context(open(path, "rb"))
            raw = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
            stack.enter_context(raw)
        place = 0
        for start, end in [*sorted(datasets), (len(raw), len(raw))]:
            while (place := raw.find(_HEAP, place, start)) >= 0:
                _walk_heap(raw, place)
                place += len(_HEAP)
            place = max(end, start)


_HEAP = b"GCOL\1\0\0\0"  # signature and version
_HEADER = 16  # bytes, of a heap and of each piece in it


def _walk_heap(raw, start):
    end = min(start + _number(raw, start + 8, 8), len(raw))
    place = start + _HEADER
    while place + _HEADER <= end:
        length = _number(raw, place + 8, 8)
        if _number(raw, place, 2):  # else it is room that is free
            length = _HEADER + -(-length // 8) * 8
        if not length:
            raise ValueError("a heap of strings in it is damaged")
        place += length


def _number(raw, place, size):
    return int.from_bytes(raw[place : place + size], "little")
