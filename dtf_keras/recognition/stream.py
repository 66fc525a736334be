"""Recognition of what is still going on: frames in as they come, glosses out."""

import numpy as np

from dtf_keras.data import ClipError
from dtf_keras.decoding import DecoderOptions
from dtf_keras.landmarks import HandLandmarks
from dtf_keras.recognition.clip_recognizer import ClipRecognizer
from dtf_keras.recognition.growing_glosses import GrowingGlosses
from dtf_keras.recognition.growing_steps import GrowingSteps
from dtf_keras.recognition.sampled_frames import SampledHand, SampledPictures
from dtf_keras.recognition.step_model import StepModel

BLOCK = 256  # frames that are made ready at a time


class Stream:
    """Recognizes a clip while it goes on.

    Frames come with the times at which they were taken, at any rate and however
    unsteadily, and are brought to what the model reads as those of a whole clip are.
    When the stream is finished it has recognized what `Recognizer.recognize` does of
    the whole clip, and a gloss is settled as soon as no later frame can change it. Only
    as much is held as a step sees, whatever the length.

    A model of hand landmarks, or of drawn hands, takes points, or pictures in which
    `finder` finds them. Without a finder, a model of drawn hands takes pictures that
    are drawn.

    Example:

    >>> with HandFinder() as finder:
    ...     stream = recognition.Stream(model, finder=finder)
    ...     for seconds, picture in camera:
    ...         for gloss in stream.push(picture, seconds):
    ...             print(gloss)
    ...     print(*stream.finish())

    Args:
        model: `dtf_keras.models.Recognizer` with `glosses` and an `input_format`, each
            of whose steps sees a bounded part of a clip.
        decoder: `dtf_keras.decoding.DecoderOptions` of greedy decoding, the default.
        finder: has a method `find(picture, seconds)`, the points of the hand that
            signs, `[21, 2]`, or `None` where none is seen; as
            `dtf_keras.landmarks.HandFinder`.

    Attributes:
        settled: tuple of `RecognizedGloss` that can change no more.
        pending: tuple of those that would follow if the clip ended with the frames that
            the model has read.
        seconds: when the last frame was taken; `None` before the first.

    Raises:
        ValueError: a model that nobody trained, or whose steps see the whole clip, or
            another decoder.
    """

    def __init__(self, model, decoder=None, finder=None):
        decoder = DecoderOptions() if decoder is None else decoder
        if getattr(decoder, "strategy", decoder) != "greedy":
            raise ValueError(
                "A beam search may change its first gloss with the last frame: decode "
                "a stream greedily."
            )
        recognizer = ClipRecognizer(model, decoder=decoder)
        if model.time_axis.before is None:
            raise ValueError(
                f"Every step of {model.name} depends on the whole clip, so that it "
                "cannot be read while it goes on: take a model that sees a bounded "
                "part, such as full_conv_v10."
            )
        self._axis = model.time_axis
        self._format, self._finder = recognizer.format, finder
        self._frames = None
        self._steps = GrowingSteps(StepModel.of(model))
        merge = getattr(decoder, "merge_repeated_glosses", False)
        self._glosses = GrowingGlosses(recognizer.glosses, merge)
        self._first = self.seconds = None
        self._ended = False
        self.settled = self.pending = ()

    @property
    def latency(self):
        """Seconds from the frame at which a step lies until the step is settled.

        That is so of a camera at least as fast as the model's frame rate. What the
        computer takes for its work comes on top; and points wait for up to 0.3 seconds
        while they are not seen, and in the first second of a new hand, when its size is
        measured.
        """
        return (self._axis.after + 1) / self._format.frame_rate

    @property
    def unseen(self):
        """Seconds since a hand was seen; 0 of pictures that are read as they are."""
        if not isinstance(self._frames, SampledHand):
            return 0.0
        seen = self._frames.seen
        return self.seconds - (self._first if seen is None else seen)

    def push(self, frame, seconds):
        """Takes the next frame.

        Args:
            frame: picture, uint8 `[H, W, 3]`, RGB; or the points of a right hand,
                `[21, 2]` pixels, NaN where a point was not seen; or `None` where no
                hand was.
            seconds: when it was taken, later than the one before.

        Returns:
            Tuple of the `RecognizedGloss` that are settled by it; their times are on
            the clock of `seconds`.

        Raises:
            ClipError: what cannot be a frame of this stream.
            ValueError: times that do not rise, or a stream that has ended.
        """
        return self.extend([frame], [seconds])

    def extend(self, frames, seconds=None):
        """Takes several frames, which the model then reads together.

        Args:
            frames: sequence of frames as `push` takes each, or
                `dtf_keras.landmarks.HandLandmarks`, which have their own times.
            seconds: when each was taken.

        Returns:
            As `push`; raises as it.
        """
        if isinstance(frames, HandLandmarks):
            frames, seconds = frames.points, frames.times
        if self._ended:
            raise ValueError("The stream has ended: begin a new one.")
        settled, block = [], []
        for frame, time in zip(frames, seconds, strict=True):
            block += self._sampled(frame, float(time))
            while len(block) >= BLOCK:
                settled += self._read(block[:BLOCK])
                block = block[BLOCK:]
        settled += self._read(block)
        return self._settle(settled)

    def finish(self):
        """Ends the clip; returns a tuple of the glosses that are settled by that."""
        if self._ended or self._first is None:
            self._ended = True
            return ()
        self._ended = True
        settled = self._read(self._frames.finish())
        settled += self._decoded(self._steps.finish())
        settled += self._glosses.finish(self._time(self._steps.num_frames))
        self.pending = ()
        return self._settle(settled)

    def _sampled(self, frame, seconds):
        """The frames at the model's rate that one of the camera settles."""
        if not np.isfinite(seconds) or (
            self.seconds is not None and seconds <= self.seconds
        ):
            raise ValueError(
                f"The times of a stream rise from frame to frame. Received: {seconds} "
                f"after {self.seconds}."
            )
        if self._frames is None:
            self._frames = self._source(frame)
        sampled = self._frames.push(seconds, frame)
        if self._first is None:
            self._first = seconds
        self.seconds = seconds
        return sampled

    def _source(self, frame):
        """What makes frames ready for the model, by the first of them."""
        drawn = self._finder is None and np.ndim(frame) == 3
        if self._format.of_landmarks or (self._format.kind != "video" and not drawn):
            return SampledHand(self._format, self._finder)
        if self._format.kind == "video" and np.ndim(frame) != 3:
            raise ClipError(
                "The model reads video: hand landmarks are for models whose input "
                "format says so."
            )
        return SampledPictures(self._format)

    def _read(self, block):
        """The glosses that a list of sampled frames settles."""
        if not block:
            return []
        settled = self._decoded(self._steps.push(self._frames.ready(block)))
        still = self._steps.open
        if still is not None:
            end = self._time(still.num_frames)
            pending = self._glosses.pending(still.logits, self._time(still.frames), end)
            self.pending = tuple(pending)
        return settled

    def _decoded(self, steps):
        return self._glosses.push(steps.logits, self._time(steps.frames))

    def _time(self, frames):
        """Seconds, on the clock of the frames that came, of frames at the rate."""
        return self._first + frames / self._format.frame_rate

    def _settle(self, glosses):
        self.settled += tuple(glosses)
        return tuple(glosses)
