"""Titles that do not leave the picture."""

import math
import textwrap

from dtf_keras.pictures.figure import grow
from dtf_keras.words import printable

LONGEST = 1000  # signs of a paragraph, more than three lines have
MOST_LINES = 3  # of a paragraph; what is longer is shortened
UNEVEN = 1.5  # narrow letters: so many go where one of the average does


def write_title(axes, paragraphs, indent=0, **style):
    """A title no wider than its axes: wrapped, and shortened after three lines.

    The figure grows by the lines that are more than one a paragraph.

    Args:
        axes: matplotlib axes that have their place in the figure (`lay_out`).
        paragraphs: list of strings, one below the other.
        indent: blanks before all lines of a paragraph but its first.
        **style: as `axes.set_title` takes it.
    """
    paragraphs = [printable(one)[:LONGEST] for one in paragraphs]
    title = axes.set_title("\n".join(paragraphs), loc="left", **style)
    width = max(map(len, paragraphs))
    share = axes.bbox.width / max(title.get_window_extent().width, 1)
    width = min(width, math.ceil(UNEVEN * share * width))
    while title.get_window_extent().width > axes.bbox.width and width > indent + 9:
        width -= 1
        wrapper = textwrap.TextWrapper(
            width,
            subsequent_indent=" " * indent,
            break_on_hyphens=False,
            max_lines=MOST_LINES,
            placeholder=" …",
        )
        title.set_text("\n".join(map(wrapper.fill, paragraphs)))
    added = title.get_text().count("\n") + 1 - len(paragraphs)
    grow(axes.figure, 1.2 * added * title.get_fontsize())
