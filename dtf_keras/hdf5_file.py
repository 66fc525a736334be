"""HDF5 files, read: what may be wrong with one is decided here; for every floor."""

import contextlib
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
            yield file
    except OSError as error:
        if error.errno in IN_USE:
            raise FileInUseError(
                f"{path} is in use by {holder(path)}: wait until it is closed there. "
                "If nobody has it, its file system cannot lock files, as network ones: "
                "set HDF5_USE_FILE_LOCKING=FALSE."
            ) from error
        raise OSError(error.errno, os.strerror(error.errno), str(path)) from error
