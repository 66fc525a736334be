import matplotlib.figure
import pytest


@pytest.fixture
def figures(monkeypatch):
    """The matplotlib figures that are written, to look at their parts."""
    written, save = [], matplotlib.figure.Figure.savefig

    def keep(figure, *args, **kwargs):
        save(figure, *args, **kwargs)
        figure.draw_without_rendering()  # at its own resolution, not the file's
        written.append(figure)

    monkeypatch.setattr(matplotlib.figure.Figure, "savefig", keep)
    return written
