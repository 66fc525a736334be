"""Hands made of numbers, `.pose` files of them, and who finds them in pictures."""

import typing

import numpy as np
import pytest

from dtf_keras.data.footage import found_hands
from dtf_keras.landmarks import FINGERS, NUM_POINTS, HandFinder

HAND = np.zeros((NUM_POINTS, 2))
"""An open right hand, fingers up, seen from the palm: its palm is 100 pixels long."""
for _number, _points in enumerate(FINGERS):
    for _place, _point in enumerate(_points):
        _side, _length = 30 * (_number - 2), 100 + 30 * _place
        HAND[_point] = [_side, -_length] if _number else [-40 - 20 * _place, -30]


def left(points):
    """The same hand of the other side."""
    return points * [-1, 1]


def write_pose(path, components, fps=25.0, count=10, people=1, dims=(640, 480)):
    """Writes a `.pose` file.

    Args:
        path: the file.
        components: dict of name to `[T, n, 2]` with NaN for what was not seen, or to a
            number of points of which none was seen.
        fps: frames a second.
        count: frames, where no component has points.
        people: so many, of whom the first is seen in no frame if there are more.
        dims: width and height.
    """
    pose_format = pytest.importorskip("pose_format", reason="needs pose-format")
    from pose_format.numpy import NumPyPoseBody
    from pose_format.pose_header import (
        PoseHeader,
        PoseHeaderComponent,
        PoseHeaderDimensions,
    )

    given = [x for x in components.values() if not isinstance(x, int)]
    count = len(given[0]) if given else count
    tracks = [
        np.full((count, x, 2), np.nan) if isinstance(x, int) else x
        for x in components.values()
    ]
    data = np.concatenate(tracks, axis=1)[:, None].repeat(people, axis=1)
    data[:, : people - 1] = np.nan
    seen = ~np.isnan(data).any(axis=-1)
    header = PoseHeader(
        0.2,
        PoseHeaderDimensions(*dims, 0),
        [
            PoseHeaderComponent(
                name, [str(n) for n in range(x.shape[1])], [], [], "XYC"
            )
            for name, x in zip(components, tracks, strict=True)
        ],
    )
    body = NumPyPoseBody(
        fps, np.nan_to_num(data).astype("float32"), seen.astype("float32")
    )
    with path.open("wb") as file:
        pose_format.Pose(header, body).write(file)
    return path


def skip_without_mediapipe():
    """Skips a test where MediaPipe cannot be used, and says why."""
    try:
        HandFinder().close()
    except ModuleNotFoundError as error:
        pytest.skip(str(error))


class FakeFinder:
    """Sees a hand where the picture's upper left corner is bright, at its brightness.

    Attributes:
        looked_at: shapes and times of all pictures that any of them saw.
    """

    looked_at: typing.ClassVar = []
    left = False

    def __init__(self, mirrored=False):
        self.mirrored = mirrored

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def find(self, frame, seconds):
        self.looked_at.append((frame.shape, seconds))
        shade = int(frame[0, -1 if self.mirrored else 0, 0])
        return HAND + [300 + shade, 400] if shade > 20 else None


@pytest.fixture
def fake_finder(monkeypatch, tmp_path):
    """`FakeFinder` in the place of MediaPipe, and an empty cache."""
    monkeypatch.setattr(found_hands, "HandFinder", FakeFinder)
    monkeypatch.setattr(found_hands, "finder_version", lambda: "fake")
    monkeypatch.setenv("DTF_KERAS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(FakeFinder, "looked_at", [])
    return FakeFinder
