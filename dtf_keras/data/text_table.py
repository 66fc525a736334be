"""Text files that hold a table: its first line names the columns, a row is a line."""

import csv
import io

from dtf_keras.words import one_form, shortened

DELIMITERS = ",;\t"
"""What spreadsheets put between two fields: it depends on their language."""


def read_text(path):
    """The text of a file.

    Raises:
        ValueError: it is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path} is not UTF-8 text, see byte {error.start}: convert it, for "
            "example with iconv -f latin1 -t utf-8."
        ) from error


def read_lines(path, say):
    """The lines of a file in one Unicode form; nothing but a line feed ends one.

    Args:
        path: the file.
        say: function that shows a line of text: letters of another form.

    Raises:
        ValueError: it is not UTF-8.
    """
    with one_form(path, say) as form:
        lines = list(map(form, read_text(path).split("\n")))
    return lines if lines[-1] else lines[:-1]


def read_columns(path, columns, **dialect):
    """The rows of a table.

    Args:
        path: UTF-8 file.
        columns: names of columns that it must have, in small letters; in the file
            they may have capitals and blanks around them.
        **dialect: as `csv.reader` has it. The delimiter, if it is not given, is that of
            the first line: a comma, a semicolon or a tab.

    Returns:
        List of `(number of its line, dict of column to str)`, not empty.

    Raises:
        ValueError: it is not UTF-8, has no such columns or no rows, or a row has not
            one field a column or is not one line; the sentence names the file.
    """
    text = read_text(path)
    header, _, _ = text.partition("\n")
    dialect = {"delimiter": max(DELIMITERS, key=header.count), **dialect}
    reader = csv.reader(io.StringIO(text), strict=True, **dialect)
    rows, begin = [], 1
    try:
        names = _check_names(path, next(reader, []), columns)
        begin = reader.line_num + 1
        for fields in reader:
            if any(map(str.strip, fields)):
                _check_row(path, begin, fields, names)
                rows.append((begin, dict(zip(names, fields, strict=True))))
            begin = reader.line_num + 1
    except csv.Error as error:
        raise ValueError(
            f"Line {begin} of {path} cannot be read ({error}): is a quote missing?"
        ) from error
    if not rows:
        raise ValueError(f"{path} has no rows below its first line.")
    return rows


def _check_names(path, fields, columns):
    names = [field.strip().lower() for field in fields]
    for column in columns:
        if names.count(column) != 1:
            has = "two columns" if column in names else "no column"
            raise ValueError(
                f"{path} has {has} {column!r}; its first line names "
                f"{shortened(', '.join(names)) or 'nothing'}."
            )
    return names


def _check_row(path, begin, fields, names):
    if any("\n" in field for field in fields):
        raise ValueError(
            f"Line {begin} of {path} opens a quote that a later line closes: put each "
            "row in one line."
        )
    if len(fields) != len(names):
        raise ValueError(
            f"Line {begin} of {path} has {len(fields)} fields, not the {len(names)} "
            "that its first line names: has a field a separator in it, or is one left "
            "out?"
        )
