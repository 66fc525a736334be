"""Glosses in a terminal while they are signed."""

import shutil

from dtf_keras.words import printable

_DIM, _PLAIN, _CLEAR = "\x1b[2m", "\x1b[0m", "\x1b[K"


class LiveText:
    """Shows glosses as they settle.

    On a terminal the settled ones go on in a line, and behind them, dim, is what may
    change yet; elsewhere each settled gloss is a line with its times.

    Args:
        out: file to write to.
        terminal: whether it is a terminal.
        say: function that shows a line of text elsewhere.
    """

    def __init__(self, out, terminal, say):
        self._out, self._terminal, self._say = out, terminal, say
        self._line = self._shown = self._note = ""

    def show(self, settled, pending=(), note=""):
        """Shows what is new.

        Args:
            settled: the `RecognizedGloss` that were settled since the last call.
            pending: those that may change yet.
            note: a few words behind them.
        """
        if not self._terminal:
            for gloss in settled:
                self._write(
                    f"{gloss.start:7.2f} - {gloss.end:7.2f} s  "
                    f"{printable(gloss.gloss)}  {gloss.confidence:.2f}\n"
                )
            if note and note != self._note:
                self._say(note)
            self._note = note
            return
        columns = shutil.get_terminal_size().columns - 1
        for gloss in settled:
            word = printable(gloss.gloss)
            if self._line and len(self._line) + len(word) > columns:
                self._write(f"\r{self._line}{_CLEAR}\n")
                self._line = ""
            self._line += f"{word} "
        words = [printable(gloss.gloss) for gloss in pending]
        room = max(columns - len(self._line), 0)
        rest = " ".join([*words, f"({note})"] if note else words)[:room]
        shown = f"\r{self._line[:columns]}{_DIM}{rest}{_PLAIN}{_CLEAR}"
        if shown != self._shown:
            self._write(shown)
            self._shown = shown

    def end(self):
        """Ends the line."""
        if self._terminal:
            self._write(f"\r{self._line}{_CLEAR}\n")

    def _write(self, text):
        self._out.write(text)
        self._out.flush()
