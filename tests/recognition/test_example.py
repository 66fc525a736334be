import numpy as np
import pytest

from dtf_keras.data.corpora.fingerspelling import words
from dtf_keras.data.corpora.fingerspelling.spelling import spell
from dtf_keras.data.footage.video_writer import write_video
from dtf_keras.input_format import InputFormat
from dtf_keras.recognition import ClipSource, example_clip
from dtf_keras.recognition.example import WORD


def read(path, size):
    frames = ClipSource(path, 25).frames(InputFormat(size, size))
    return np.stack(list(frames)).astype(int)


def test_the_example_is_small_and_shows_a_word_that_no_model_learnt():
    assert example_clip().stat().st_size < 50_000
    assert words.split_of(WORD) != "train"
    drawn = spell(WORD, "ase", seed=1)
    seen = read(example_clip(), 128)
    assert seen.shape == drawn.shape
    assert np.abs(seen - drawn).mean() < 4


def test_a_word_is_spelt_and_written_as_a_video(tmp_path):
    drawn = spell("ab", "ise", frame_size=64)
    assert drawn.shape[1:] == (64, 64, 3)
    write_video(tmp_path / "ab.mp4", drawn, 25)
    seen = read(tmp_path / "ab.mp4", 64)
    assert seen.shape == drawn.shape
    assert np.abs(seen - drawn).mean() < 4
    assert (spell("AB", "ise", 64) == drawn).all()
    assert spell("AB", "ise", 64, seed=1).shape != drawn.shape


@pytest.mark.parametrize(
    ("word", "language", "message"),
    [
        ("", "ase", "cannot be spelt"),
        ("TÜR", "ase", "'TÜR' cannot be spelt"),
        ("A B", "ase", "cannot be spelt"),
        ("AB", "gss", "no language 'gss'"),
    ],
)
def test_what_cannot_be_spelt_is_refused(word, language, message):
    with pytest.raises(ValueError, match=message):
        spell(word, language)
