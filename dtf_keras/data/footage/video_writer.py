"""Frames to a video file that every player shows."""

import fractions
import itertools

from dtf_keras.files import write_whole

QUALITY = 18  # of x264: 0 is exact, 23 usual


def write_video(path, frames, frame_rate):
    """Writes an H.264 file, whole or not at all.

    Args:
        path: the file, such as clip.mp4.
        frames: iterable of uint8 `[H, W, 3]`, RGB, H and W even.
        frame_rate: frames a second.
    """
    import av

    rate = fractions.Fraction(frame_rate).limit_denominator(1001)
    frames = iter(frames)
    first = next(frames)

    def write(part):
        with av.open(str(part), "w") as file:
            stream = file.add_stream("libx264", rate=rate)
            stream.height, stream.width = first.shape[:2]
            stream.pix_fmt = "yuv420p"
            stream.options = {"crf": str(QUALITY), "preset": "slow"}
            for frame in itertools.chain([first], frames):
                file.mux(stream.encode(av.VideoFrame.from_ndarray(frame, "rgb24")))
            file.mux(stream.encode())

    write_whole(path, write)
