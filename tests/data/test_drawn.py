"""Drawn hands are told from what a camera saw."""

import pathlib

import numpy as np
import pytest

from dtf_keras import data
from dtf_keras.data.corpora.fingerspelling.drawn import is_drawn
from dtf_keras.data.corpora.fingerspelling.spelling import spell
from dtf_keras.data.footage.video import Video
from dtf_keras.data.footage.video_writer import write_video
from dtf_keras.recognition import example_clip

PERSON = pathlib.Path(__file__).parents[3] / "shared" / "camera" / "signing_person.mp4"


def decoded(path):
    return [frame for _, frame in Video(path, 25).timed(128)]


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("size", [32, 64])
def test_clips_of_the_corpus_are_drawn(version, size):
    corpus = data.load(
        "fingerspelling", "test", version=version, frame_size=size, num_clips=12
    )
    assert all(is_drawn(corpus.read(index)) for index in range(12))


def test_compressed_and_spelt_clips_are_drawn(tmp_path):
    assert is_drawn(decoded(example_clip()))
    corpus = data.load("fingerspelling", "test", frame_size=64, num_clips=1)
    for frames in (spell("AB", "gsg"), corpus.read(0)):
        write_video(tmp_path / "clip.mp4", frames, 25)
        assert is_drawn(decoded(tmp_path / "clip.mp4"))


def test_other_pictures_are_not_drawn():
    rng = np.random.default_rng(0)
    assert not is_drawn(rng.integers(0, 256, (20, 64, 64, 3), dtype="uint8"))
    assert not is_drawn(np.full((20, 64, 64, 3), 90, "uint8"))
    assert not is_drawn([])


def test_a_person_is_not_drawn():
    if not PERSON.is_file():
        pytest.skip(f"{PERSON.name} is not here")
    frames = decoded(PERSON)
    assert not is_drawn(frames)
    assert not is_drawn([frame[::4, ::4] for frame in frames])
