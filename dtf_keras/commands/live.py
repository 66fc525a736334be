"""The command line of live recognition."""

import contextlib
import itertools
import pathlib
import sys
import time
from dataclasses import dataclass

import numpy as np
import tyro

from dtf_keras import recognition
from dtf_keras.commands.ending import command
from dtf_keras.commands.live_text import LiveText
from dtf_keras.commands.trained_model import READS_LIVE, load_model
from dtf_keras.data import ClipError
from dtf_keras.data.corpora.fingerspelling.drawn import is_drawn
from dtf_keras.data.footage.camera import Camera
from dtf_keras.data.footage.found_hands import LONGEST
from dtf_keras.data.footage.frame_folder import FootageError
from dtf_keras.data.footage.video import Video
from dtf_keras.landmarks import HandFinder
from dtf_keras.training.settings.config import SettingError
from dtf_keras.words import printable, tell

LOOKED_AT = 128  # pixels of the longer side in which drawings are told
NO_HAND = 3.0  # seconds after which it is said
AT_ONCE = 32  # frames that are read together if nobody waits for them


@dataclass(frozen=True)
class LiveArguments:
    """Recognizes what is signed before a camera, while it is signed.

    Glosses appear when they can no longer change; behind them, dim, is what still may.
    Ctrl-C ends it. Nothing is kept and nothing leaves the machine. KERAS_BACKEND
    (tensorflow, jax or torch) chooses the backend.
    """

    model: str = READS_LIVE
    """Zoo model or preset, as `dtf_keras.zoo.list()` names it."""
    weights: str | None = None
    """Its weights, as `dtf_keras.zoo.get` takes them; by default those of the zoo."""
    run: pathlib.Path | None = None
    """Run folder that fit.py wrote: its best weights instead of a model of the zoo."""
    camera: int = 0
    """Number of the camera, from 0."""
    video: pathlib.Path | None = None
    """Video file to read instead of a camera, at its own pace."""
    as_fast_as_possible: tyro.conf.FlagCreatePairsOff[bool] = False
    """Read the video file as fast as the computer can."""
    mirrored: tyro.conf.FlagCreatePairsOff[bool] = False
    """The pictures show left and right exchanged, as in a mirror."""


@command(ValueError, OSError, ModuleNotFoundError)
def main(argv=None):
    """Runs the command; returns the exit status."""
    live(tyro.cli(LiveArguments, args=argv))


def live(arguments):
    """Shows what is recognized until the video ends or the user wants no more.

    Args:
        arguments: `LiveArguments`.

    Raises:
        ClipError: no such camera or video, or one that cannot be read.
    """
    if arguments.as_fast_as_possible and not arguments.video:
        raise SettingError(
            "A camera has its own pace: --as-fast-as-possible is for --video."
        )
    name = str(arguments.video or f"Camera {arguments.camera}")
    with contextlib.ExitStack() as opened:
        try:
            if arguments.video is None:
                camera = opened.enter_context(Camera(arguments.camera))
            model = load_model(arguments.model, arguments.weights, arguments.run)
            if arguments.video is None:
                frames, drawn = camera.frames(), False
            else:
                video = Video(arguments.video, model.input_format.frame_rate)
                frames, drawn = video.timed(LONGEST), _shows_drawings(video, model)
            finder = None
            if model.input_format.kind != "video" and not drawn:
                finder = opened.enter_context(HandFinder())
            stream = recognition.Stream(model, finder=finder)
            _warm_up(model)
            _say(
                f"{printable(name)}: what is signed is settled {stream.latency:.1f} s "
                "later. Ctrl-C ends."
            )
            text = LiveText(sys.stdout, sys.stdout.isatty(), _say)
            _show(stream, _parts(arguments, frames), text)
        except FootageError as error:
            raise ClipError(f"{name}: {error}.") from error


def _shows_drawings(video, model):
    video.seconds()  # tells a file that is not there or no video
    if model.input_format.kind == "video":
        return False
    drawn = is_drawn(picture for _, picture in video.timed(LOOKED_AT))
    if drawn and model.input_format.of_landmarks:
        raise FootageError(
            "it shows a drawn hand, in which no points are found: a model that reads "
            "drawn hands reads it"
        )
    return drawn


def _warm_up(model):
    """Compiles what a stream runs, before anybody waits for it."""
    hands = model.input_format.kind != "video"
    frame = None if hands else np.zeros((8, 8, 3), "uint8")
    times = np.arange(3 * AT_ONCE) / model.input_format.frame_rate
    stream = recognition.Stream(model)
    for seconds in times[:AT_ONCE]:
        stream.push(frame, seconds)
    stream.extend([frame] * (2 * AT_ONCE), times[AT_ONCE:])


def _parts(arguments, frames):
    """Lists of `(seconds, picture)` that are read together."""
    if arguments.mirrored:
        frames = ((seconds, picture[:, ::-1]) for seconds, picture in frames)
    if arguments.video and not arguments.as_fast_as_possible:
        frames = _paced(frames)
    at_once = AT_ONCE if arguments.as_fast_as_possible else 1
    frames = iter(frames)
    while part := list(itertools.islice(frames, at_once)):
        yield part


def _paced(frames):
    """The frames, each when it is its time."""
    began = time.monotonic()
    for seconds, picture in frames:
        time.sleep(max(0, began + seconds - time.monotonic()))
        yield seconds, picture


def _show(stream, parts, text):
    began, count = time.monotonic(), 0
    try:
        for part in parts:
            times, pictures = zip(*part, strict=True)
            settled = stream.extend(pictures, times)
            note = "no hand is seen" if stream.unseen > NO_HAND else ""
            text.show(settled, stream.pending, note)
            count += len(part)
        rest = stream.finish()
    except KeyboardInterrupt:
        rest = stream.pending
    text.show(rest)
    text.end()
    rate = count / (time.monotonic() - began)
    _say(f"{stream.seconds or 0:.1f} s, {count} frames, {rate:.0f} a second.")


def _say(line):
    tell(line, sys.stderr)
