"""What is shown while a file is downloaded."""

import shutil
import sys
import time

from dtf_keras.eta import Eta, about
from dtf_keras.words import tell

_BAR = 16  # characters
_REDRAW = 0.1  # seconds between two states of the bar


class DownloadProgress:
    """How much of a file is here, how fast it comes and how long the rest takes.

    On a terminal a bar in one line, which is written anew; elsewhere a line now and
    then. A context manager, which ends the bar's line.

    Args:
        name: of the file.
        size: of the file, bytes.
        say: function that shows a line of text.
        terminal: whether stdout is one.
    """

    def __init__(self, name, size, say=tell, terminal=None):
        self.name, self.size, self.say = name, size, say
        self.terminal = sys.stdout.isatty() if terminal is None else terminal
        self.came = 0
        self.eta = self._drawn = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._drawn is not None:
            print(flush=True)

    def __call__(self, have, new):
        """Takes note of `new` bytes, after which there are `have`."""
        if self.eta is None:
            self.eta = Eta(self.size - have + new, self.say, seconds=1)
        self.came += new
        if self.terminal:
            self._draw(have)
            return
        done = min(self.came, self.eta.total)
        self.eta(done, f"  {self.name}: {have / 1e6:.1f} of {self.size / 1e6:.1f} MB")

    def _draw(self, have):
        now = time.perf_counter()
        if self._drawn is not None and now - self._drawn < _REDRAW and have < self.size:
            return
        self._drawn = now
        share = min(have / self.size, 1)
        rate = self.eta.pace.rate(self.came)
        speed = f"{rate / 1e6:.1f} MB/s, " if rate else ""
        to_go = max(self.size - have, 0) / rate if rate else None
        line = (
            f"  {self.name} {share:4.0%} [{'#' * int(_BAR * share):-<{_BAR}}] "
            f"{have / 1e6:.1f} of {self.size / 1e6:.1f} MB, {speed}{about(to_go)}"
        )
        columns = shutil.get_terminal_size().columns - 1
        print(f"\r{line[:columns]:<{columns}}", end="", flush=True)
