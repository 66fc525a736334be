"""What files of others may lead to, as one error; for every floor.

A damaged or hostile file makes the readers of its format raise nearly anything, of
which no list is ever whole. So whatever they raise is taken for damage, but not what
the operating system says: a file that another process has, or that this one may not
read, may be sound.
"""

import contextlib
import errno

_INSIDE = (None, errno.EINVAL)  # of errors that say nothing of who may read a file


@contextlib.contextmanager
def damage_as(error_for, passing=(), of_system=False):
    """Within it, whatever is raised while a file is read becomes one error.

    Args:
        error_for: function from the exception to the one to raise in its place.
        passing: classes of exceptions that are raised as they are.
        of_system: whether errors of the operating system are damage too: where nothing
            is made anew, but a clip is named.
    """
    try:
        yield
    except passing:
        raise
    except Exception as error:
        if not of_system and isinstance(error, OSError) and error.errno not in _INSIDE:
            raise
        raise error_for(error) from error


def reason(error):
    """An exception in a few words on one line, for brackets in a sentence."""
    told = " ".join(str(error).split())
    if isinstance(error, OSError | ValueError) and told:
        return told
    return f"{type(error).__name__}: {told}" if told else type(error).__name__
