import numpy as np
import pytest

from dtf_keras.data.footage.frame_folder import FootageError
from dtf_keras.data.footage.sampling import resample, sample


@pytest.mark.parametrize("rate", [5, 12, 24, 29.97, 50, 60])
@pytest.mark.parametrize("num_frames", [1, 2, 3, 40])
@pytest.mark.parametrize("unsteady", [False, True])
def test_a_stream_gives_the_frames_that_all_times_at_once_give(
    rate, num_frames, unsteady
):
    times = np.arange(num_frames) / rate + 3.0
    if unsteady:
        times += np.random.default_rng(num_frames).uniform(0, 0.9 / rate, num_frames)
    for wanted in (25, 30, 7):
        stream = zip(times.tolist(), range(num_frames), strict=True)
        assert list(resample(stream, wanted)) == sample(times, wanted).tolist()


def test_a_stream_holds_few_frames():
    """What it gave may be at most the seconds of two frames behind what it took."""
    taken = []

    def stream():
        for number in range(500):
            taken.append(number)
            yield number / 50, number

    for given in resample(stream(), 25):
        assert taken[-1] - given <= 4


def test_no_frame_is_an_error():
    with pytest.raises(FootageError, match="no frame"):
        list(resample([], 25))
