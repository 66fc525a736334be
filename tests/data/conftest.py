import numpy as np
import pytest

from dtf_keras.data.corpus import Clip, Corpus
from dtf_keras.data.vocabulary import Vocabulary
from dtf_keras.input_format import InputFormat
from tests.helpers import miniature
from tests.helpers.packing import load


@pytest.fixture(autouse=True)
def cache_dir(tmp_path, monkeypatch):
    """No test reads or writes the frame cache of the user."""
    monkeypatch.setenv("DTF_KERAS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def make_corpus():
    """Builds a corpus of clips of given lengths; clip i's pixels are all `i + 1`."""

    def make(lengths, glosses=None, size=(8, 8), crop=1.0, read=None, **options):
        input_format = InputFormat(*size, crop=crop)
        glosses = glosses or [("A", "B")] * len(lengths)

        def plain(index):
            shape = (lengths[index], *input_format.read_size, 3)
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
            input_format=input_format,
            **{"version": "1", "read": read or plain, **options},
        )

    return make


@pytest.fixture
def release(tmp_path):
    """The innermost folder of a release that a test may break."""
    return miniature.write_release(tmp_path / "corpus")


@pytest.fixture
def lines():
    return []


class EverySoManyFrames:
    """The time axis of a model with one output step in `stride` whole frames."""

    def __init__(self, stride):
        self.stride = stride

    def steps(self, num_frames):
        return num_frames // self.stride

    def frames_for(self, steps):
        return self.stride * steps


@pytest.fixture
def time_axis():
    """One output step in 4 frames, as of `full_conv_v5`."""
    return EverySoManyFrames(4)


@pytest.fixture(scope="module")
def shared_release(tmp_path_factory):
    """A release that no test breaks."""
    return miniature.write_release(tmp_path_factory.mktemp("release"))


@pytest.fixture
def corpora(shared_release):
    """Its splits, to be packed."""
    return load(shared_release)


@pytest.fixture
def out(tmp_path):
    """The file to pack into."""
    return tmp_path / "packed" / "corpus.h5"
