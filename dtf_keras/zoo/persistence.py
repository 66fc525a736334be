"""Trying again where a server or the network fails for a while."""

import dataclasses
import time

from dtf_keras.zoo.problems import DownloadError

STATUSES = (408, 429, 500, 502, 503, 504)  # of HTTP, that may pass


@dataclasses.dataclass(frozen=True)
class Patience:
    """How long a server is waited for."""

    connect: float = 10.0
    """Seconds until it answers."""
    stall: float = 30.0
    """Seconds without a byte."""
    attempts: int = 5
    """In all."""
    pause: float = 1.0
    """Seconds before the second attempt; twice as long before each further one."""


PATIENCE = Patience()


class PassingError(Exception):
    """Why an attempt failed, if the next one may not."""


def persist(attempt, what, kept=lambda: False):
    """Calls `attempt` until it raises no `PassingError`; returns what it returns.

    Args:
        attempt: function without arguments.
        what: is to be had, for the error.
        kept: function without arguments; whether the next call can use what came.

    Raises:
        DownloadError: `PATIENCE.attempts` attempts failed.
    """
    for number in range(PATIENCE.attempts):
        if number:
            time.sleep(PATIENCE.pause * 2 ** (number - 1))
        try:
            return attempt()
        except PassingError as error:
            problem = error
    raise DownloadError(
        f"{what} cannot be had: {problem}, {PATIENCE.attempts} times. Try again later"
        f"{'; what came is kept' if kept() else ''}."
    ) from problem
