"""How long something still takes, for people; every floor may use it."""

import time

from dtf_keras.words import tell

FIRST_SECONDS = 1  # until the first line
LINE_SECONDS = 10  # between two lines
ENOUGH_SECONDS = 3  # of work that tell how long the rest takes
ENOUGH_SHARE = 0.05  # of the whole, which tells it as well
LOOKS = 1000  # at the clock at most, while many small things are done


def silent(line):
    """Shows a line of text to nobody."""


class Pace:
    """How fast something goes and how long its rest takes, once that can be told.

    What is done when it is asked first does not count: that waited for files, threads
    and compilers to begin.

    Args:
        total: how much there is to do, a number.
    """

    def __init__(self, total):
        self.total = total
        self._first = None

    def rate(self, done):
        """How much is done in a second; None while too little is done to tell.

        Args:
            done: how much of `total` is done since this object was made.
        """
        now = time.perf_counter()
        if self._first is None:
            self._first = (done, now)
        first, began = self._first
        measured, gone = done - first, now - began
        enough = gone >= ENOUGH_SECONDS or measured >= ENOUGH_SHARE * self.total
        return measured / gone if enough and measured > 0 and gone > 0 else None

    def to_go(self, done):
        """Seconds until all is done; None while too little is done to tell."""
        rate, left = self.rate(done), max(self.total - done, 0)
        return left / rate if rate else None if left else 0


class Eta:
    """Says now and then how much is done and how long the rest will take.

    The first line comes after a second, for people to see that something goes on; it
    says that the time is being measured while that cannot be told, and another line
    comes when it can. What is over by then, such as a single step, needs none.

    Args:
        total: how much there is to do, a number.
        say: function that shows a line of text.
        seconds: float, between two lines.
    """

    def __init__(self, total, say=tell, seconds=LINE_SECONDS):
        self.total = total
        self.say = say
        self.seconds = seconds
        self.pace = Pace(total)
        self._silent, self._measuring = True, False
        self._next_line = time.perf_counter() + min(FIRST_SECONDS, seconds)

    def __call__(self, done, line):
        """Says `line` and the time to go, if it is time for a line.

        Args:
            done: how much of `total` is done since this object was made, above 0.
            line: str.
        """
        now, to_go = time.perf_counter(), self.pace.to_go(done)
        measured = self._measuring and to_go is not None
        over_at_once = self._silent and done >= self.total
        if (now < self._next_line and not measured) or over_at_once:
            return
        self._silent, self._measuring = False, to_go is None
        self._next_line = now + self.seconds
        self.say(f"{line}, {about(to_go)}")


def said(items, doing, say=tell):
    """Yields items and says now and then how many of them are done.

    Args:
        items: sequence.
        doing: what is done with them: "aligned {done} of {total} clips".
        say: function that shows a line of text.
    """
    total = len(items)
    eta, looked_at = Eta(total, say), max(total // LOOKS, 1)
    for done, item in enumerate(items, start=1):
        yield item
        if done % looked_at == 0:
            eta(done, doing.format(done=done, total=total))


def about(seconds):
    """The time to go for people; `None` is one that nothing tells yet."""
    if seconds is None:
        return "measuring the time to go"
    return f"about {clock(seconds)} to go"


def clock(seconds):
    """A time span for people: `1:05` (minutes:seconds) or `2:03:59`."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{seconds:02}"
    return f"{minutes}:{seconds:02}"
