"""The backbone of every network that reads landmarks."""

from dtf_keras.layers import HandBackbone


def hand_features(landmarks, units):
    """Features of each frame: `[B, T, 21, 2]`, palm lengths, to `[B, T, units]`."""
    return HandBackbone(units, name="backbone")(landmarks)
