"""How all pictures look, and how they are written."""

import contextlib

from dtf_keras.pictures.fonts import installed_families, one_warning
from dtf_keras.words import printable, shortened

DPI = 240
WIDTH = 6  # inches: legible where it is made as narrow as a column, too
LONGEST = 40  # signs of the name of a gloss
INK = "#222222"
FAINT = "#b4b4b4"
# Okabe and Ito's colours, which colour-blind readers tell apart.
COLOURS = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#D55E00",
    "#56B4E9",
    "#8C6D31",
    "#6A51A3",
)


def label(gloss):
    """The name of a gloss in a picture: beginning and end of a long one."""
    return shortened(printable(gloss), LONGEST)


@contextlib.contextmanager
def figure(path, width, height):
    """An empty matplotlib figure that is written to `path` at the end.

    Drawn without a display and without touching the user's matplotlib settings.

    Args:
        path: the PNG (or PDF, SVG) file.
        width: width in inches.
        height: height in inches.
    """
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    style = {
        "font.family": [*matplotlib.rcParams["font.family"], *installed_families()],
        "font.size": 9,
        "text.parse_math": False,  # a $ in a gloss is a $
        "pdf.fonttype": 42,  # letters stay letters, as journals ask for
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": INK,
        "axes.labelcolor": INK,
        "axes.titlesize": 10,
        "legend.frameon": False,
    }
    with matplotlib.rc_context(style), one_warning():
        picture = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(picture)
        yield picture
        picture.savefig(path, dpi=DPI)


def lay_out(picture):
    """Gives the axes of a figure their places, in which words can be measured."""
    picture.get_layout_engine().execute(picture)


def grow(picture, points):
    """Makes a figure higher, for words that charts would otherwise have to give way to.

    Args:
        picture: matplotlib figure.
        points: 1/72 inch each.
    """
    picture.set_figheight(picture.get_figheight() + points / 72)
