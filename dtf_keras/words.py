"""Sentences about names that nobody knows; every floor may use it."""

import difflib


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
    return f"There is no {what} {word!r}{place}. {hint}{advice}"


def printable(text):
    """Text from outside as a terminal may show it: what is no sign becomes `?`.

    Such as the sequences by which a terminal is told to do something.
    """
    return "".join(sign if sign.isprintable() else "?" for sign in text)
