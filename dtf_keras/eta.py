"""How long something still takes, for people; every floor may use it."""

import time

LINE_SECONDS = 10  # between two lines


class Eta:
    """Says now and then how much is done and how long the rest will take.

    Args:
        total: int, how much there is to do.
        say: function that shows a line of text.
        seconds: float, between two lines.
    """

    def __init__(self, total, say=print, seconds=LINE_SECONDS):
        self.total = total
        self.say = say
        self.seconds = seconds
        self.began = self._last_line = time.perf_counter()

    def __call__(self, done, line):
        """Says `line` and the time to go, if the last line was long enough ago.

        Args:
            done: how much of `total` is done since this object was made, above 0.
            line: str.
        """
        now = time.perf_counter()
        if now - self._last_line < self.seconds:
            return
        self._last_line = now
        to_go = (now - self.began) / done * (self.total - done)
        self.say(f"{line}, about {clock(to_go)} to go")


def clock(seconds):
    """A time span for people: `1:05` (minutes:seconds) or `2:03:59`."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{seconds:02}"
    return f"{minutes}:{seconds:02}"
