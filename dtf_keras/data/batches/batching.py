"""Clips of similar length padded into batches of few shapes.

Compiled backends trace every (B, T) they meet, so T takes a handful of values. Clips
left over in a bucket move up to the next longer one: every clip is in exactly one
batch of an epoch, and only the last batch may be smaller.
"""

import functools
import math

import numpy as np

from dtf_keras.data.batches.augmentation import view_generator
from dtf_keras.data.batches.pipeline import dataset_of
from dtf_keras.data.batches.read_ahead import default_workers, read_ahead
from dtf_keras.data.validation import required_steps
from dtf_keras.values import whole_number


class StepEveryFourFrames:
    """The time axis that is assumed where no model's is given."""

    stride = 4

    def frames_for(self, steps):
        """Fewest frames of so many output steps."""
        return self.stride * steps


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


class ClipBatches:
    """The batches of a corpus; iterating gives one epoch, read ahead in threads.

    A batch is `(x, y)`. `x` is a dict of `video` uint8 `[B, T, H, W, 3]` padded with
    zeros, `num_frames` int32 `[B]`, `num_glosses` int32 `[B]` and `clip_index` int32
    `[B]` into `corpus.clips`; `y` is int32 `[B, L]`, class ids padded with 0, with L
    the most glosses of any clip of the corpus.

    Args:
        corpus: `Corpus`.
        batch_size: int, B.
        shuffle: bool. True: other batches in another order every `epoch`, the same
            ones for the same `seed` and `epoch`. False: ordered by length.
        seed: int >= 0.
        num_buckets: int, the most values T takes.
        augmentation: `Augmentation`, or None for all frames and their centre. The
            same views of a clip come for the same `seed` and `epoch`.
        time_axis: `model.time_axis`, or anything with `stride`, of which T is a
            multiple, and `frames_for(steps)`: augmentation keeps as many frames as the
            glosses need. Without it, of a model with an output step in 4 frames.

    Attributes:
        epoch: int, which shuffle and views come next; set it before iterating.
        clip_lengths: frames that are shown of each clip.
        lengths: the values T takes, in frames.
        failure: `ClipError` that ended the reading of a `dataset`, or None.

    Raises:
        ValueError: an argument out of range.
    """

    def __init__(
        self,
        corpus,
        batch_size,
        shuffle=False,
        seed=0,
        num_buckets=6,
        augmentation=None,
        time_axis=None,
    ):
        num_buckets = whole_number("num_buckets", num_buckets)
        time_axis = time_axis or StepEveryFourFrames()
        self.corpus = corpus
        self.batch_size = whole_number("batch_size", batch_size)
        self.shuffle = shuffle
        self.seed = whole_number("seed", seed, at_least=0)
        self.augmentation = augmentation
        self.epoch = 0
        self.failure = None
        rows, columns = corpus.input_format.read_size
        height, width = corpus.input_format.frame_size
        self._margin = rows - height, columns - width
        self._least = _least_frames(corpus, time_axis)
        self.clip_lengths = [self._shown(i) for i in range(len(corpus))]
        self.lengths = bucket_lengths(self.clip_lengths, num_buckets, time_axis.stride)
        self.max_glosses = max(map(len, corpus.labels))

    def __len__(self):
        return -(-len(self.corpus) // self.batch_size)

    def __iter__(self):
        plan, workers = self.plan(), default_workers()
        jobs = [(indices, length, self.epoch) for indices, length in plan]
        yield from read_ahead(self.assemble, jobs, workers, ahead=workers)

    def plan(self):
        """The epoch's batches as `(clip indices, padded length)`; reads no frame."""
        frames = self.clip_lengths
        if self.shuffle:
            key = np.random.SeedSequence([self.seed, self.epoch])
            rng = np.random.Generator(np.random.PCG64(key))
            order = np.argsort(rng.random(len(frames)), kind="stable").tolist()
        else:
            order = sorted(range(len(frames)), key=lambda i: (frames[i], i))
        planned, waiting = [], []
        shorter = 0
        for length in self.lengths:
            waiting += [i for i in order if shorter < frames[i] <= length]
            shorter = length
            while len(waiting) >= self.batch_size:
                planned.append((waiting[: self.batch_size], length))
                waiting = waiting[self.batch_size :]
        if waiting:
            planned.append((waiting, self.lengths[-1]))
        if self.shuffle:
            turn = np.argsort(rng.random(len(planned)), kind="stable")
            planned = [planned[i] for i in turn]
        return planned

    def assemble(self, indices, length, epoch):
        """Reads and pads one batch of an epoch; `length` is T."""
        corpus = self.corpus
        size = corpus.input_format.frame_size
        video = np.zeros((len(indices), length, *size, 3), "uint8")
        labels = np.zeros((len(indices), self.max_glosses), "int32")
        for row, index in enumerate(indices):
            self._show(index, epoch, video[row, : self.clip_lengths[index]])
            labels[row, : len(corpus.labels[index])] = corpus.labels[index]
        x = {
            "video": video,
            "num_frames": np.array([self.clip_lengths[i] for i in indices], "int32"),
            "num_glosses": np.array([len(corpus.labels[i]) for i in indices], "int32"),
            "clip_index": np.array(indices, "int32"),
        }
        return x, labels

    def _shown(self, index):
        num_frames = self.corpus.clips[index].num_frames
        if self.augmentation is None:
            return num_frames
        return self.augmentation.num_frames(num_frames, self._least[index])

    def _show(self, index, epoch, out):
        """Writes what an epoch shows of a clip to `out`, `[T, H, W, 3]`."""
        corpus = self.corpus
        if self.augmentation is None:
            out[:] = corpus.frames(index)
            return
        clip = corpus.clips[index]
        view = self.augmentation.draw(
            view_generator(self.seed, epoch, clip.id),
            clip.num_frames,
            self._least[index],
            margin=self._margin,
        )
        view.show(corpus.uncropped_frames(index), out)

    def dataset(self, prefetch=4, workers=None):
        """A `tf.data.Dataset` of the same batches, read and padded off this thread.

        Its order is that of iterating; it reads `epoch` anew at every iteration, and
        its cardinality is known. On another Keras backend TensorFlow is kept from
        taking the GPU. `batches.pipeline.max_bytes` says what memory it takes.

        Args:
            prefetch: int, batches kept ready.
            workers: int, batches read at a time, in threads; by default as many as
                the machine has cores, 2 to 8.
        """
        return dataset_of(self, prefetch, workers or default_workers())


def _least_frames(corpus, time_axis):
    """Frames of each clip that are always shown: what its glosses need, or all."""
    needed = functools.cache(time_axis.frames_for)
    return [
        min(needed(required_steps(ids)), clip.num_frames)
        for clip, ids in zip(corpus.clips, corpus.labels, strict=True)
    ]
