"""Text from outside in sentences and on terminals; every floor may use it."""

import contextlib
import difflib
import reprlib
import unicodedata


def unknown(what, word, known, advice=None, of=None):
    """The sentence on a name that is none of those there are.

    Args:
        what: what it should name, such as "model".
        word: the name.
        known: iterable of the names that there are.
        advice: sentence in place of the list of all of them.
        of: what has them, such as "model 'full_conv'".

    Example:

    >>> unknown("model", "full_conv_7", ["full_conv", "full_conv_v7"])
    "There is no model 'full_conv_7'. Did you mean full_conv_v7 or full_conv? There are
    full_conv, full_conv_v7."
    """
    known = [str(name) for name in known]
    close = difflib.get_close_matches(str(word), known, n=3, cutoff=0.5)
    close = close or [name for name in known if name.endswith(f"_{word}")]
    hint = f"Did you mean {' or '.join(close)}? " if close else ""
    if advice is None:
        advice = f"There are {', '.join(known)}." if known else "There are none."
    place = f" of {of}" if of else ""
    return f"There is no {what} {quoted(word)}{place}. {hint}{advice}"


def shortened(text, most=200):
    """A text of at most so many signs: beginning and end of a longer one."""
    end = most // 2
    return text if len(text) <= most else f"{text[: most - end - 1]}…{text[-end:]}"


def composed(text):
    """A text in the one Unicode form in which all text is kept here, NFC.

    Others look the same, such as an umlaut that is a letter and its two dots.
    """
    return unicodedata.normalize("NFC", text)


@contextlib.contextmanager
def one_form(place, say):
    """Gives `composed`; what that changed is said in one line at the end.

    Args:
        place: where the text comes from, for people.
        say: function that shows a line of text.
    """
    changed = []

    def form(text):
        found = composed(text)
        if found != text:
            changed.append(found)
        return found

    yield form
    if changed:
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        say(
            f"{place}: letters in another Unicode form than NFC are read in NFC, "
            f"those of {quoted(changed[0])}{more}"
        )


def quoted(value):
    """The `repr` of what an error was given, of a long one its beginning and end."""
    return _QUOTES.repr(value)


def is_control(sign):
    """Whether a sign of text from outside shows nothing and does something.

    Such as the sequences by which a terminal is told what to do, marks that turn the
    direction of writing, ends of lines, and invisible blanks; not the two joiners that
    some scripts are spelled with.
    """
    return unicodedata.category(sign) in _CONTROLS and sign not in _JOINERS


def has_controls(text):
    """Whether a text has a sign that `is_control`."""
    return bool(_controls(text))


def printable(text, keep=""):
    r"""Text from outside as it may be shown: what is no sign becomes an escape.

    Args:
        text: str.
        keep: control characters that stay.

    Example:

    >>> print(printable("RAIN\x1b[2J"))
    RAIN\u001b[2J
    """
    escapes = {ord(sign): _escape(sign) for sign in _controls(text) - {*keep}}
    return text.translate(escapes) if escapes else text


def tell(text, file=None):
    """Prints lines of text, in which whatever comes from outside is `printable`.

    Args:
        text: str, or what `str` makes text of.
        file: as of `print`.
    """
    print(printable(str(text), keep=LINES), file=file, flush=True)


def _controls(text):
    return set() if text.isprintable() else {*filter(is_control, set(text))}


def _escape(sign):
    """As JSON writes it, so that JSON with it is the same JSON."""
    units = sign.encode("utf-16-be", "surrogatepass").hex(" ", 2).split()
    return "".join(f"\\u{unit}" for unit in units)


LINES = "\n\t"
"""The control characters of a text of several lines."""

_CONTROLS = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_JOINERS = "\u200c\u200d"
_QUOTES = reprlib.Repr()
_QUOTES.maxstring = _QUOTES.maxother = 200
