import pytest

from tests.helpers.figures import kept_figures


@pytest.fixture
def figures():
    """The matplotlib figures that are written, to look at their parts."""
    with kept_figures() as written:
        yield written
