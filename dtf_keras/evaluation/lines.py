"""Files of lines of words, the ground of CTM and STM, plain or in gzip."""

import gzip
import math
import pathlib

from dtf_keras.damage import damage_as, reason
from dtf_keras.evaluation.errors import ScoringError
from dtf_keras.files import write_whole
from dtf_keras.words import has_controls, one_form, quoted

_GZIP = b"\x1f\x8b"


def read_lines(path, say):
    """The lines of a text file, without their line feeds and a byte order mark.

    A file in gzip is known by its first bytes, whatever its name.

    Args:
        path: the file.
        say: function that shows a line of text: letters of another Unicode form than
            NFC, in which all lines are read.

    Raises:
        FileNotFoundError: no such file.
        ScoringError: a gzip file that is damaged, or text that is not UTF-8.
    """
    path = pathlib.Path(path)
    if not path.exists() or path.is_dir():  # a pipe will do
        raise FileNotFoundError(f"There is no file {path}.")
    content = path.read_bytes()
    if content.startswith(_GZIP) or path.suffix == ".gz":

        def damaged(error):
            return ScoringError(f"{path} is not a whole gzip file: {reason(error)}.")

        with damage_as(damaged):
            content = gzip.decompress(content)
    try:
        lines = content.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ScoringError(
            f"{path}, line {line} is not UTF-8: convert the file, for example by "
            "`iconv -f latin1 -t utf8`."
        ) from error
    with one_form(path, say) as form:
        return list(map(form, lines))


def write_lines(path, lines):
    """Writes what `read_lines` reads, whole or not at all; a name in .gz means gzip."""
    text = "".join(f"{line}\n" for line in lines)
    content = text.encode()
    if pathlib.Path(path).suffix == ".gz":
        content = gzip.compress(content, mtime=0)
    write_whole(path, lambda part: part.write_bytes(content))


def is_comment(line):
    """Whether a line of a CTM or STM file is a comment."""
    return line.startswith(";;")


def words_of(line):
    """The words of a line: what stands between blanks, tabs and carriage returns."""
    # Bytes, as other blanks of Unicode are letters of a word, as they are to sclite.
    words = line.encode(errors="surrogatepass").split()
    return [word.decode(errors="surrogatepass") for word in words]


def finite(text):
    """The number in a word, a float.

    Raises:
        ValueError: it is none, NaN or infinite.
    """
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is not finite")
    return number


def check_word(word, what):
    """Raises ScoringError where `word` could not be one word of a line.

    Args:
        word: string.
        what: what it is, for the message: "The gloss of clip a-1".
    """
    if not isinstance(word, str) or words_of(word) != [word]:
        raise ScoringError(
            f"{what} is {quoted(word)}: CTM and STM files, and so sclite, take one "
            "word without blanks; join its parts, for example by a hyphen."
        )
    if has_controls(word):
        raise ScoringError(
            f"{what} is {quoted(word)}, with a control or invisible character in it: "
            "take that out."
        )
