import pytest

TRIGRAMS = """
\\data\\
ngram 1=6
ngram 2=5
ngram 3=2

\\1-grams:
-99\t<s>\t-0.30
-0.90\t</s>
-1.50\t<unk>\t-0.10
-0.60\tRAIN\t-0.20
-0.70\tWIND\t-0.25
-1.10\tSUN

\\2-grams:
-0.20\t<s> RAIN\t-0.05
-0.50\tRAIN WIND\t-0.15
-0.40\tRAIN RAIN
-0.30\tWIND </s>
-0.80\t<unk> RAIN

\\3-grams:
-0.10\t<s> RAIN WIND
-0.35\tRAIN WIND </s>

\\end\\
"""


@pytest.fixture
def trigrams():
    """A small language model over RAIN, WIND and SUN: the text of its ARPA file."""
    return TRIGRAMS


@pytest.fixture
def arpa(tmp_path):
    """Writes an ARPA file of a text, `trigrams` by default, and returns its path."""

    def write(text=TRIGRAMS):
        path = tmp_path / "glosses.arpa"
        path.write_text(text, encoding="utf-8", newline="")
        return path

    return write
