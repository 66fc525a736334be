"""How long something still takes, for people; every floor may use it."""

import time

from dtf_keras.words import tell

FIRST_SECONDS = 1  # until the first line
LINE_SECONDS = 10  # between two lines


class Eta:
    """Says now and then how much is done and how long the rest will take.

    The first line comes after a second, for people to see that something goes on. What
    is over by then, such as a single step, needs none.

    Args:
        total: int, how much there is to do.
        say: function that shows a line of text.
        seconds: float, between two lines.
    """

    def __init__(self, total, say=tell, seconds=LINE_SECONDS):
        self.total = total
        self.say = say
        self.seconds = seconds
        self.began = time.perf_counter()
        self._silent = True
        self._next_line = self.began + min(FIRST_SECONDS, seconds)

    def __call__(self, done, line):
        """Says `line` and the time to go, if it is time for a line.

        Args:
            done: how much of `total` is done since this object was made, above 0.
            line: str.
        """
        now = time.perf_counter()
        over_at_once = self._silent and done >= self.total
        if now < self._next_line or over_at_once:
            return
        self._silent = False
        self._next_line = now + self.seconds
        to_go = (now - self.began) / done * (self.total - done)
        self.say(f"{line}, about {clock(to_go)} to go")


def clock(seconds):
    """A time span for people: `1:05` (minutes:seconds) or `2:03:59`."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{seconds:02}"
    return f"{minutes}:{seconds:02}"
