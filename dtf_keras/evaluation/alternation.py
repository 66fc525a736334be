"""References that allow several wordings: `A { B / C D / @ } E`.

In an STM file `{ X / Y }` accepts X as well as Y, and `@` stands for no word at all.
"""

import re
from typing import NamedTuple

from dtf_keras.evaluation.errors import ScoringError
from dtf_keras.words import quoted

NOTHING = "@"


class Arc(NamedTuple):
    """One word of a reference; `before` are the places of what may precede it."""

    word: str | None
    before: tuple[int, ...]


def to_arcs(words):
    """The wordings of a reference as a graph in which every word is an arc.

    Args:
        words: list of words, in which `{`, `/` and `}` mark alternatives.

    Returns:
        List of `Arc`, each after those before it; place 0 is the start, without a
        word. And the places of the arcs that may be the last, a tuple.

    Raises:
        ScoringError: the braces do not fit, or an alternative is empty.

    Example:

    >>> to_arcs(["A", "{", "B", "/", "C", "}"])[0][1:]
    [Arc(word='A', before=(0,)), Arc(word='B', before=(1,)), Arc(word='C', before=(1,))]
    """
    arcs = [Arc(None, ())]
    if any("{" in word or "}" in word for word in words):
        return arcs, _add_wording(" ".join(words), arcs, (0,))
    arcs += [Arc(word, (place,)) for place, word in enumerate(words)]
    return arcs, (len(words),)


def _add_wording(text, arcs, before):
    """Adds the arcs of `text` after those at `before`; returns the last places."""
    for item in _items(text):
        if item.startswith("{"):
            ends = ()
            for wording in _alternatives(item):
                if not wording.strip():
                    raise ScoringError(
                        f"The reference {item} has an empty alternative: write "
                        f"{NOTHING} where nothing may be signed."
                    )
                ends += _add_wording(wording, arcs, before)
            before = ends
        else:
            arcs.append(Arc(item, before))
            before = (len(arcs) - 1,)
    return before


def _items(text):
    """The words and the outermost `{ ... }` of a text, in order."""
    depth, start = 0, 0
    for found in re.finditer(r"[{}]|[^\s{}]+", text):
        part = found.group()
        if part == "{":
            start = found.start() if depth == 0 else start
            depth += 1
        elif part == "}":
            depth -= 1
            if depth == 0:
                yield text[start : found.end()]
        elif depth == 0:
            yield part
        if depth < 0:
            break
    if depth:
        raise ScoringError(f"The braces of the reference {quoted(text)} do not fit.")


def _alternatives(item):
    """The texts between the outermost `{`, `/` and `}` of `{ ... }`."""
    depth, start = 0, 1
    for place, letter in enumerate(item):
        depth += (letter == "{") - (letter == "}")
        if (letter == "/" and depth == 1) or depth == 0:
            yield item[start:place]
            start = place + 1
