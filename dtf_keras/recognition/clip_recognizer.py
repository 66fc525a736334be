"""Clips to glosses with a trained model."""

import dataclasses

from dtf_keras.data import ClipError
from dtf_keras.decoding import DecoderOptions, beam_search, decode_spans
from dtf_keras.decoding.log_probabilities import log_probabilities
from dtf_keras.recognition.clip_source import ClipSource
from dtf_keras.recognition.result import GlossSequence, Recognition, RecognizedGloss
from dtf_keras.recognition.step_model import StepModel
from dtf_keras.recognition.timed_glosses import step_edges
from dtf_keras.recognition.windows import Windows
from dtf_keras.values import whole_number


class ClipRecognizer:
    """A trained model and how its output is read.

    Args:
        model: `dtf_keras.models.Recognizer` with `glosses` and an `input_format`.
        num_best: gloss sequences to give of each clip.
        decoder: `"greedy"`, `"beam"` or `dtf_keras.decoding.DecoderOptions`; by
            default the model's own, without one greedy; for more than one sequence
            always a beam search.
        window, overlap: frames, as `Windows.of` takes them.

    Raises:
        ValueError: a model that nobody trained, or settings that cannot be.
        FileNotFoundError: no such language model.
    """

    def __init__(self, model, num_best=1, decoder=None, window=None, overlap=None):
        if model.glosses is None or model.input_format is None:
            missing = "glosses" if model.glosses is None else "input_format"
            raise ValueError(
                f"Model {model.name!r} has no {missing}: take one with trained weights "
                "from the zoo, load it with glosses=[...], or set model.glosses to the "
                "names of its classes and model.input_format to what it reads."
            )
        self.format, self.glosses = model.input_format, tuple(model.glosses)
        classes = model.heads["logits"].shape[-1]
        if classes != len(self.glosses) + 1:
            raise ValueError(
                f"Model {model.name!r} has {classes - 1} glosses beside the blank, "
                f"but names for {len(self.glosses)}."
            )
        if decoder is None:
            decoder = _default_decoder(model.decoder or DecoderOptions(), num_best)
        self._settings = _decoder_settings(decoder, num_best, self.glosses)
        self._num_best = num_best
        self._steps = StepModel.of(model)
        self._windows = Windows.of(self._steps.axis, model.name, window, overlap)

    def open(self, clip, frame_rate=None, name="the array", **settings):
        """The `ClipSource` of a clip, at the model's frame rate."""
        return ClipSource(clip, self.format.frame_rate, frame_rate, name, **settings)

    def steps(self, source):
        """The `ClipSteps` of a `ClipSource`.

        Raises:
            ClipError: a clip that cannot be read, or is too short for one step.
        """
        steps = self._steps.clip_steps(source.frames(self.format), self._windows)
        if not len(steps.frames):
            raise ClipError(
                f"Clip {source.name} has {steps.num_frames} frames at "
                f"{self.format.frame_rate:g} a second, too few for {self._steps.name} "
                "to say anything: give a longer clip."
            )
        return steps

    def __call__(self, source):
        """The `Recognition` of a `ClipSource`; raises as `steps`."""
        return self.read(source, self.steps(source))

    def read(self, source, steps):
        """The `Recognition` that the `ClipSteps` of a clip mean."""
        rate = self.format.frame_rate
        edges = step_edges(steps.frames, steps.num_frames, rate)
        sequences = tuple(
            dataclasses.replace(sequence, glosses=self._named(sequence.glosses, edges))
            for sequence in self._decode(steps.logits[None])
        )
        best = sequences[0]
        return Recognition(
            best.glosses,
            best.log_probability,
            best.score,
            clip=source.name,
            seconds=float(edges[-1]),
            alternatives=sequences,
            gaps=source.gaps(self.format),
        )

    def _decode(self, logits):
        """`GlossSequence`s of spans, the best first."""
        settings = dict(self._settings)
        if settings.pop("strategy") == "beam":
            (found,) = beam_search(logits, num_best=self._num_best, **settings)
            return [
                GlossSequence(tuple(h.spans), h.log_probability, h.score) for h in found
            ]
        (spans,) = decode_spans(logits, **settings)
        score = float(log_probabilities(logits).max(axis=-1).sum())
        return [GlossSequence(tuple(spans), score, score)]

    def _named(self, spans, edges):
        return tuple(
            RecognizedGloss(
                self.glosses[span.class_id - 1],
                float(edges[span.start]),
                float(edges[span.stop]),
                span.probability,
            )
            for span in spans
        )


def recognize(model, clips, frame_rate=None, mirrored=False, **settings):
    """Recognizes one clip, or each of a list: see `Recognizer.recognize`."""
    recognizer = ClipRecognizer(model, **settings)
    if not isinstance(clips, list | tuple):
        return recognizer(recognizer.open(clips, frame_rate, mirrored=mirrored))
    sources = [
        recognizer.open(clip, frame_rate, f"number {number}", mirrored=mirrored)
        for number, clip in enumerate(clips)
    ]
    return [recognizer(source) for source in sources]


def _default_decoder(own, num_best):
    """The model's own decoder; a beam search wide enough for several sequences."""
    if whole_number("num_best", num_best) == 1:
        return own
    own = own.with_strategy("beam")
    return dataclasses.replace(own, width=max(own.width, num_best))


def _decoder_settings(decoder, num_best, glosses):
    num_best = whole_number("num_best", num_best)
    if not isinstance(decoder, DecoderOptions):
        if decoder not in ("greedy", "beam"):
            raise ValueError(
                f"decoder is 'greedy', 'beam' or a DecoderOptions, not {decoder!r}."
            )
        width = max(DecoderOptions.width, num_best)
        decoder = DecoderOptions(strategy=decoder, width=width)
    if decoder.strategy == "greedy" and num_best > 1:
        raise ValueError(
            f"Greedy decoding finds one gloss sequence, not {num_best}: take the "
            "decoder 'beam'."
        )
    return decoder.settings(glosses)
