"""Clips of known colour, rate and size, and an untrained model to read them."""

import functools

import av
import numpy as np

from dtf_keras.input_format import InputFormat
from tests.helpers import small
from tests.helpers.backends import called

GLOSSES = ("A", "B", "C", "D", "E")
FORMAT = InputFormat(32, 32)
RED, GREEN, BLUE = (220, 30, 30), (30, 200, 40), (20, 40, 220)


def write_video(path, frames, rate=25, codec="ffv1", pixels="bgr0"):
    """Frames to a file, by default without any loss."""
    with av.open(str(path), "w") as file:
        stream = file.add_stream(codec, rate=rate)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = pixels
        for frame in frames:
            file.mux(stream.encode(av.VideoFrame.from_ndarray(frame, "rgb24")))
        file.mux(stream.encode())
    return path


def shades(num_frames, size=(48, 40)):
    """Grey frames that get brighter by 2 a frame: the shade tells which frame it is."""
    return [np.full((size[1], size[0], 3), 2 * n, "uint8") for n in range(num_frames)]


@functools.cache
def model(name):
    """A small untrained model whose classes all win now and then."""
    made = small.louder(small.build(name))
    called(made, small.inputs([16, 16]), training=True)
    made.glosses, made.input_format = GLOSSES, FORMAT
    let_all_win(made, small.video([120], 120)[0])
    return made


def let_all_win(made, frames):
    """Scales the classifier, so that each class wins somewhere in a clip."""
    classifier = made.get_layer("classifier")
    if len(classifier.weights) == 2:  # a kernel and a bias
        logits = whole_logits(made, frames)
        mean, deviation = logits.mean(axis=0), logits.std(axis=0)
        kernel, bias = classifier.get_weights()
        classifier.set_weights([2 * kernel / deviation, 2 * (bias - mean) / deviation])


def whole_logits(made, frames):
    """The logits of a clip alone and whole, `[S, V]`."""
    logits = called(made, {made.clips_name: frames[None]})
    return logits[0, : int(made.valid_steps(logits)[0])]
