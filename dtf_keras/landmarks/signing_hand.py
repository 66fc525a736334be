"""Of all hands in a video the one that signs, and whether it is a left one.

Both are decided from what was seen so far, so that a camera is read as it comes, and
neither by a single frame: a hand is followed from frame to frame, and what is known
about it is what the last seconds say.
"""

import dataclasses
import math

import numpy as np

from dtf_keras.landmarks.palm_lengths import palm_length

MEMORY = 2.0  # seconds in which what was seen loses most of its weight
LOST = 0.5  # seconds after which a hand that is not seen is another one
NEAR = 1.5  # palm lengths that a hand moves from one frame to the next, and more:
FAST = 12.0  # palm lengths a second
PROVEN = 0.3  # seconds that a hand is seen before it takes another's place
HIGHER = 1.5  # what a picture's height counts, beside a hand that is e times as large
AHEAD = 0.35  # what another hand must be ahead, so that the choice is steady


@dataclasses.dataclass(frozen=True)
class SeenHand:
    """One hand in one picture."""

    points: np.ndarray
    """float `[21, 2]`, pixels."""
    right: float
    """How surely it is a right one, from -1 (left) to 1."""


@dataclasses.dataclass(eq=False)
class _Track:
    """A hand that is followed."""

    points: np.ndarray
    palm: float
    first: float
    last: float  # seconds at which it was seen
    standing: float  # how large and high it is held
    right: float


class SigningHand:
    """Chooses the hand that signs: the one that is held up and near the camera.

    Attributes:
        left: whether the hand that was chosen last is a left one.
    """

    def __init__(self):
        self.left = False
        self._tracks = []
        self._chosen = None

    def choose(self, hands, size, seconds):
        """Takes what was seen in the next picture.

        Args:
            hands: list of `SeenHand`.
            size: `(height, width)` of the picture in pixels.
            seconds: when it was taken; times rise.

        Returns:
            float64 `[21, 2]`, pixels, of a right hand: a left one is mirrored. `None`
            where the hand that signs is not seen.
        """
        height, width = size
        self._follow(hands, height, seconds)
        now = [track for track in self._tracks if track.last == seconds]
        if self._chosen not in self._tracks:
            self._chosen = max(now, key=lambda track: track.standing, default=None)
        for track in now:
            proven = seconds - track.first >= PROVEN
            if proven and track.standing > self._chosen.standing + AHEAD:
                self._chosen = track
        chosen = self._chosen
        if chosen is None or chosen.last != seconds:
            return None
        points = chosen.points.copy()
        self.left = chosen.right < 0
        if self.left:
            points[:, 0] = width - points[:, 0]
        return points

    def _follow(self, hands, height, seconds):
        self._tracks = [t for t in self._tracks if seconds - t.last <= LOST]
        pairs = []
        for place, hand in enumerate(hands):
            for track in self._tracks:
                way = np.hypot(*(hand.points - track.points).mean(axis=0))
                reach = NEAR + FAST * (seconds - track.last)
                if way <= reach * track.palm:
                    pairs.append((way, place, track))
        followed = set()
        for _, place, track in sorted(pairs, key=lambda pair: pair[0]):
            if place not in followed and track.last != seconds:
                followed.add(place)
                self._see(track, hands[place], height, seconds)
        for place, hand in enumerate(hands):
            if place not in followed:
                palm = float(palm_length(hand.points[None])[0])
                standing = _standing(hand.points, palm, height)
                self._tracks.append(
                    _Track(hand.points, palm, seconds, seconds, standing, hand.right)
                )

    def _see(self, track, hand, height, seconds):
        kept = math.exp(-(seconds - track.last) / MEMORY)
        track.points, track.last = hand.points, seconds
        track.palm = float(palm_length(hand.points[None])[0])
        now = _standing(hand.points, track.palm, height)
        track.standing = kept * track.standing + (1 - kept) * now
        track.right = kept * track.right + hand.right


def _standing(points, palm, height):
    low = points[:, 1].mean() / height
    return math.log(max(palm, 1e-6) / height) - HIGHER * low
