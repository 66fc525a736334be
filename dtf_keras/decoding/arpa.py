"""Reads n-gram language models in the ARPA format."""

import gzip
import math
import pathlib
import re
import zlib

from dtf_keras.damage import damage_as, reason
from dtf_keras.words import one_form, quoted, tell

_COUNT = re.compile(r"ngram\s+(\d+)\s*=\s*(\d+)$")
_SECTION = re.compile(r"\\(\d+)-grams:$")
_NOT_GZIP = (EOFError, gzip.BadGzipFile, zlib.error)

ZERO = -99.0
"""The log10 probability that stands for 0, as SRILM writes it."""
_GZIP = b"\x1f\x8b"


class ArpaError(ValueError):
    """A file that is no whole ARPA model; the sentence names the file and the line."""


def read_arpa(path, say=tell):
    """The n-grams of an ARPA file, as KenLM, SRILM and others write it.

    Args:
        path: the file, UTF-8 text, plain or in gzip, which is known by its first
            bytes.
        say: function that shows a line of text: letters of another Unicode form than
            NFC, in which all words are read.

    Returns:
        List with a dict for each order, unigrams first: from the n-gram (tuple of
        words) to its `(log10 probability, log10 backoff weight)`; a weight that the
        file leaves out is 0, and -inf is `ZERO`.

    Raises:
        FileNotFoundError: no such file.
        ArpaError: a line or a number of lines that cannot be.
    """
    path = pathlib.Path(path)
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no language model {path}: give an n-gram model in ARPA format."
        )

    def damaged(error):
        return ArpaError(f"{path} is no ARPA model ({reason(error)}).")

    try:
        with (
            damage_as(damaged, (ArpaError, UnicodeDecodeError, *_NOT_GZIP)),
            _open(path) as file,
            one_form(path, say) as form,
        ):
            return _Reader(path, map(form, file)).read()
    except UnicodeDecodeError as error:
        raise ArpaError(
            f"{path} is no UTF-8 text ({error.reason} at byte {error.start}): an ARPA "
            "model is a text file, plain or in gzip; another one must be converted "
            "first."
        ) from None
    except _NOT_GZIP as error:
        raise ArpaError(f"{path} is not a whole gzip file: {error}.") from error


def _open(path):
    with path.open("rb") as file:
        zipped = file.read(len(_GZIP)) == _GZIP
    return (gzip.open if zipped else open)(
        path, "rt", encoding="utf-8-sig", newline="\n"
    )


class _Reader:
    def __init__(self, path, file):
        self._path = path
        self._number = 0
        self._lines = self._content(file)

    def _content(self, file):
        """The lines that are not blank, without white space around them."""
        for number, line in enumerate(file, start=1):
            self._number = number
            line = line.strip(" \t\r\n")
            if line:
                yield line

    def _fail(self, sentence):
        raise ArpaError(f"{self._path}, line {self._number}: {sentence}")

    def read(self):
        for line in self._lines:  # what stands before \data\ is comment
            if line == "\\data\\":
                break
        else:
            raise ArpaError(f"{self._path} has no line \\data\\: it is no ARPA model.")
        counts, line = self._counts()
        orders = []
        for order, count in enumerate(counts, start=1):
            if line != f"\\{order}-grams:":
                self._fail(f"expected \\{order}-grams: and found {quoted(line)}.")
            ngrams, line = self._section(order, known=orders[0] if orders else None)
            if len(ngrams) != count:
                self._fail(
                    f"the file has {len(ngrams)} {order}-grams and its head says "
                    f"{count}: it is cut off or was edited."
                )
            orders.append(ngrams)
        if line != "\\end\\":
            self._fail(f"expected \\end\\ and found {quoted(line)}.")
        for _ in self._lines:  # so that a file in gzip is checked to its end
            pass
        return orders

    def _counts(self):
        """The numbers of n-grams by order, and the line after them."""
        counts = []
        for line in self._lines:
            match = _COUNT.match(line)
            if not match:
                break
            if int(match[1]) != len(counts) + 1:
                self._fail(
                    f"expected 'ngram {len(counts) + 1}=...', found {quoted(line)}."
                )
            counts.append(int(match[2]))
        else:
            line = "the end of the file"
        if not counts:
            self._fail(
                f"expected 'ngram 1=...' after \\data\\ and found {quoted(line)}."
            )
        return counts, line

    def _section(self, order, known):
        """The n-grams of one order, and the line after them."""
        ngrams = {}
        for line in self._lines:
            if line == "\\end\\" or _SECTION.match(line):
                return ngrams, line
            probability, *words = re.split(r"[ \t]+", line)
            backoff = words.pop() if len(words) == order + 1 else "0"
            if len(words) != order:
                self._fail(
                    f"expected a log10 probability, {order} words and perhaps a "
                    f"backoff weight, and found {quoted(line)}."
                )
            words = tuple(words)
            if words in ngrams:
                self._fail(f"{quoted(' '.join(words))} is listed twice.")
            for word in words if known is not None else ():
                if (word,) not in known:
                    self._fail(f"{quoted(word)} is not among the 1-grams.")
            log10 = self._number_in(probability)
            if log10 > 0:
                self._fail(f"the log10 probability {probability} is more than 0.")
            ngrams[words] = log10, self._number_in(backoff)
        return ngrams, "the end of the file"

    def _number_in(self, text):
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if number == -math.inf:
            return ZERO
        if not math.isfinite(number):
            self._fail(f"{quoted(text)} is no logarithm of a probability.")
        return number
