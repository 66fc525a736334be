"""How many frames the clips of a batch have, and how many at least."""

import functools
import math

from dtf_keras.data.validation import required_steps


class StepEveryFourFrames:
    """The time axis that is assumed where no model's is given."""

    stride = 4

    def frames_for(self, steps):
        """Fewest frames of so many output steps."""
        return self.stride * steps


def least_frames(corpus, time_axis):
    """Frames of each clip that are always shown: what its glosses need, or all.

    Args:
        corpus: `Corpus`.
        time_axis: of the model, with `frames_for`.

    Returns:
        List of int.
    """
    needed = functools.cache(time_axis.frames_for)
    return [
        min(needed(required_steps(ids)), clip.num_frames)
        for clip, ids in zip(corpus.clips, corpus.labels, strict=True)
    ]


def bucket_lengths(lengths, num_buckets, multiple=4):
    """At most `num_buckets` padded lengths for clips of `lengths` frames.

    Quantiles of the lengths, rounded up to multiples of `multiple`; the last is the
    longest clip's. Returns a sorted list of int.
    """
    ordered = sorted(lengths)
    ends = [
        math.ceil(len(ordered) * (k + 1) / num_buckets) - 1 for k in range(num_buckets)
    ]
    return sorted({-(-ordered[max(0, end)] // multiple) * multiple for end in ends})
