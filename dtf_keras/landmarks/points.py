"""Which point of a hand is which: the order of MediaPipe, which OpenPose shares."""

NUM_POINTS = 21
WRIST = 0
FINGERS = tuple(tuple(range(first, first + 4)) for first in (1, 5, 9, 13, 17))
"""The points of each finger from its root to its tip, the thumb first."""
KNUCKLES = (5, 9, 13, 17)
"""The roots of the fingers without the thumb."""
