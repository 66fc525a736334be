"""Figures as they are written, to look at their parts."""

import contextlib

import matplotlib.figure
import pytest


@contextlib.contextmanager
def kept_figures():
    """The matplotlib figures that are written meanwhile: a list."""
    written, save = [], matplotlib.figure.Figure.savefig

    def keep(figure, *args, **kwargs):
        save(figure, *args, **kwargs)
        figure.draw_without_rendering()  # at its own resolution, not the file's
        written.append(figure)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matplotlib.figure.Figure, "savefig", keep)
        yield written
