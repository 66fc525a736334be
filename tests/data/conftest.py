import numpy as np
import pytest

from dtf_keras.data.corpus import Clip, Corpus
from dtf_keras.data.vocabulary import Vocabulary
from tests.helpers import miniature


@pytest.fixture(autouse=True)
def cache_dir(tmp_path, monkeypatch):
    """No test reads or writes the frame cache of the user."""
    monkeypatch.setenv("DTF_KERAS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def make_corpus():
    """Builds a corpus of clips of given lengths; clip i's pixels are all `i + 1`."""

    def make(lengths, glosses=None, frame_size=8, read=None, **options):
        glosses = glosses or [("A", "B")] * len(lengths)

        def plain(index):
            shape = (lengths[index], frame_size, frame_size, 3)
            return np.full(shape, index + 1, "uint8")

        return Corpus(
            name="plain",
            split="train",
            vocabulary=Vocabulary("ABC"),
            clips=[
                Clip(f"clip{index}", tuple(names), "signer", length)
                for index, (length, names) in enumerate(
                    zip(lengths, glosses, strict=True)
                )
            ],
            frame_size=frame_size,
            frame_rate=25.0,
            version="1",
            read=read or plain,
            **options,
        )

    return make


@pytest.fixture
def release(tmp_path):
    """The innermost folder of a release that a test may break."""
    return miniature.write_release(tmp_path / "corpus")


@pytest.fixture
def lines():
    return []
