"""A corpus that is learnt in seconds and a model that compiles in one."""

import keras
import numpy as np
import pytest

from dtf_keras import data, training
from dtf_keras.data.corpora import registry
from dtf_keras.input_format import InputFormat
from dtf_keras.layers import BlankPadding, FrameMask, MaskedMaxPooling1D
from dtf_keras.models import Recognizer
from dtf_keras.training import RunConfig
from dtf_keras.values import size_2d
from tests.helpers.two_heads import MeanColour

COLOURS = {"A": (220, 0, 0), "B": (0, 220, 0), "C": (0, 0, 220), "D": (220, 220, 0)}
FRAMES_A_GLOSS = 8


def coloured_frames(split, frame_size=32, num_clips=None):
    """Two glosses a clip, each a colour."""
    height, width = size_2d("frame_size", frame_size)
    rng = np.random.default_rng(["train", "dev", "test"].index(split))
    clips, videos = [], []
    for index in range(num_clips or (48 if split == "train" else 8)):
        glosses = tuple(str(g) for g in rng.choice(list(COLOURS), 2, replace=False))
        colours = np.array([COLOURS[g] for g in glosses], "uint8")
        video = np.repeat(colours, FRAMES_A_GLOSS, axis=0)[:, None, None]
        video = np.tile(video, (1, height, width, 1))
        videos.append(video + rng.integers(0, 30, video.shape, dtype="uint8"))
        clips.append(data.Clip(f"{split}-{index}", glosses, "anyone", len(video)))
    return data.Corpus(
        name="coloured_frames",
        split=split,
        vocabulary=data.Vocabulary(COLOURS),
        clips=clips,
        input_format=InputFormat(height, width),
        version="1",
        read=videos.__getitem__,
    )


def register(monkeypatch, loader=coloured_frames):
    """Registers `loader` as the corpus `coloured_frames`, while the test runs."""
    corpora = dict(registry._CORPORA)
    corpora.pop("coloured_frames", None)
    monkeypatch.setattr(registry, "_CORPORA", corpora)
    data.register("coloured_frames", data.CorpusFacts(recorded=False))(loader)


def build_small_model(name, weights, num_classes, frame_size, width, **options):
    """Mean colour of each frame, dropout, two layers: learns `coloured_frames`."""
    height, width = size_2d("frame_size", frame_size)
    video = keras.Input((None, height, width, 3), name="video")
    num_frames = keras.Input((), dtype="int32", name="num_frames")
    x = MeanColour()(FrameMask()([video, num_frames]))
    x = keras.layers.Dense(64, activation="relu", name="features")(x)
    x = MaskedMaxPooling1D(4)(x)
    x = keras.layers.Dropout(0.1)(x)
    x = keras.layers.Dense(num_classes, dtype="float32", name="classifier")(x)
    return Recognizer(
        inputs={"num_frames": num_frames, "video": video},
        outputs=BlankPadding()(x),
        name=name,
    )


CONFIG = RunConfig(
    data="coloured_frames",
    epochs=4,
    batch_size=8,
    learning_rate=0.02,
    warmup_steps=1,
)


@pytest.fixture
def small_model(monkeypatch):
    """The zoo gives `build_small_model`, whatever name it is asked for."""
    monkeypatch.setattr("dtf_keras.zoo.get", build_small_model)


@pytest.fixture
def small_config(monkeypatch):
    """A `RunConfig` of four epochs of six steps on `coloured_frames`."""
    register(monkeypatch)
    return CONFIG


@pytest.fixture(scope="session")
def trained_run(tmp_path_factory):
    """Path of a finished run of `small_config`, for tests to copy."""
    keras.utils.set_random_seed(8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dtf_keras.zoo.get", build_small_model)
        register(patch)
        path = tmp_path_factory.mktemp("trained") / "run"
        return training.fit(CONFIG, path).path
