import pathlib

import numpy as np

from dtf_keras.landmarks import HandLandmarks

WORD = "HOUSE"
_HERE = pathlib.Path(__file__).parent


def example_clip():
    """The path of a video that comes with the package, to try a model on.

    Somebody spells HOUSE in American Sign Language: 76 frames of 128 pixels, 25 a
    second, made of recordings of spoken-to-signed (MIT) as the first version of the
    corpus `fingerspelling` is, `spell("HOUSE", "ase", seed=1)`: a drawing of a hand.
    """
    return _HERE / "house.mp4"


def example_hand():
    """The hand of `example_clip` as `dtf_keras.landmarks.HandLandmarks`.

    `spell_hand("HOUSE", "ase", seed=1)`, to a tenth of a pixel of 720.
    """
    points = np.load(_HERE / "house.npy", allow_pickle=False)
    return HandLandmarks(points / np.float64(10), frame_rate=25.0)
