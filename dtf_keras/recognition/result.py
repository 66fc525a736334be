"""What was recognized in one clip."""

import collections.abc
import dataclasses


@dataclasses.dataclass(frozen=True)
class RecognizedGloss:
    """One gloss and when the model decided for it.

    CTC places a gloss somewhere inside its sign, often on one step only: the times say
    where the model decides, not where the sign begins and ends.
    """

    gloss: str
    start: float
    """Seconds from the beginning of the clip."""
    end: float
    """Seconds from the beginning of the clip."""
    confidence: float
    """Mean probability of the gloss over its steps, 0 to 1."""

    def __str__(self):
        return self.gloss


@dataclasses.dataclass(frozen=True)
class GlossSequence(collections.abc.Sequence):
    """Glosses in the order of time: a sequence of `RecognizedGloss`.

    `str(...)` is the glosses with a blank between each two.
    """

    glosses: tuple[RecognizedGloss, ...]
    log_probability: float
    """Natural logarithm: of the gloss sequence, as far as the beam summed its paths,
    or with greedy decoding of the one best path."""
    score: float
    """What the sequences are ranked by: the log-probability, and what a language model
    adds to it."""

    def __getitem__(self, index):
        return self.glosses[index]

    def __len__(self):
        return len(self.glosses)

    def __str__(self):
        return " ".join(map(str, self.glosses))

    def to_dict(self):
        """All of it as a JSON-able dict."""
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True)
class Recognition(GlossSequence):
    """The best gloss sequence of a clip, and the next best.

    Example:

    >>> result = model.recognize("clip.mp4", num_best=3)
    >>> str(result)
    'H E L L O'
    >>> [(g.gloss, g.start, g.end) for g in result]
    >>> [(str(a), a.score) for a in result.alternatives]
    """

    clip: str
    """Path of the clip, or its place among the clips that were given."""
    seconds: float
    """Length of the clip."""
    alternatives: tuple[GlossSequence, ...] = ()
    """The best `num_best` sequences, the best first, which is this one."""
    gaps: tuple[tuple[float, float], ...] = ()
    """Start and end, in seconds, of where no hand was seen, if a hand was looked for;
    up to 0.3 seconds are bridged."""
