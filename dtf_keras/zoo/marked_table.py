"""Tables that commands write between two marks of a Markdown page."""

import pathlib

from dtf_keras.data.text_table import read_text
from dtf_keras.files import write_whole
from dtf_keras.words import LINES, printable


def marks(name):
    """The lines before and after the table of that name."""
    return f"<!-- {name}:begin -->", f"<!-- {name}:end -->"


def has_marks(page, name):
    """Whether a page has a place for the table of that name."""
    return any(mark in read_text(pathlib.Path(page)) for mark in marks(name))


def write_table(page, name, table):
    """Puts a table between its two marks in a Markdown file.

    Args:
        page: the file.
        name: of the table.
        table: Markdown.

    Raises:
        FileNotFoundError: no such file.
        ValueError: it is not UTF-8, or the marks are not there, once each and in order.
    """
    page = pathlib.Path(page)
    if not page.is_file():
        raise FileNotFoundError(f"There is no file {page}.")
    text = read_text(page)
    first, last = marks(name)
    before, begin, rest = text.partition(first)
    _, end, after = rest.partition(last)
    if not (begin and end) or text.count(first) + text.count(last) != 2:
        raise ValueError(
            f"{page} needs the lines {first} and {last}, once each and in this "
            "order, around the place of the table."
        )
    text = f"{before}{first}\n{printable(table, keep=LINES)}\n{last}{after}"
    write_whole(page, lambda part: part.write_text(text, encoding="utf-8"))
