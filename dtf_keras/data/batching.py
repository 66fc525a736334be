"""Clips of similar length padded into batches of few shapes.

Compiled backends trace every (B, T) they meet, so T takes a handful of values. Clips
left over in a bucket move up to the next longer one: every clip is in exactly one
batch of an epoch, and only the last batch may be smaller.
"""

import math

import numpy as np

from dtf_keras.data.validation import check_whole_number


def bucket_lengths(lengths, num_buckets):
    """At most `num_buckets` padded lengths for clips of `lengths` frames.

    Quantiles of the lengths, rounded up to multiples of 4 (two poolings halve them);
    the last is the longest clip's. Returns a sorted list of int.
    """
    ordered = sorted(lengths)
    ends = [
        math.ceil(len(ordered) * (k + 1) / num_buckets) - 1 for k in range(num_buckets)
    ]
    return sorted({-(-ordered[max(0, end)] // 4) * 4 for end in ends})


class ClipBatches:
    """The batches of a corpus; iterating gives one epoch.

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

    Attributes:
        epoch: int, which shuffle comes next; set it before iterating.
        lengths: the values T takes, in frames.

    Raises:
        ValueError: an argument out of range.
    """

    def __init__(self, corpus, batch_size, shuffle=False, seed=0, num_buckets=6):
        check_whole_number("batch_size", batch_size, 1)
        check_whole_number("seed", seed, 0)
        check_whole_number("num_buckets", num_buckets, 1)
        self.corpus = corpus
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.seed = seed
        self.epoch = 0
        self.lengths = bucket_lengths(
            [clip.num_frames for clip in corpus.clips], num_buckets
        )
        self.max_glosses = max(len(clip.glosses) for clip in corpus.clips)

    def __len__(self):
        return -(-len(self.corpus) // self.batch_size)

    def __iter__(self):
        for indices, length in self.plan():
            yield self.assemble(indices, length)

    def plan(self):
        """The epoch's batches as `(clip indices, padded length)`; reads no frame."""
        clips = self.corpus.clips
        if self.shuffle:
            key = np.random.SeedSequence([self.seed, self.epoch])
            rng = np.random.Generator(np.random.PCG64(key))
            order = np.argsort(rng.random(len(clips)), kind="stable").tolist()
        else:
            order = sorted(range(len(clips)), key=lambda i: (clips[i].num_frames, i))
        planned, waiting = [], []
        shorter = 0
        for length in self.lengths:
            waiting += [i for i in order if shorter < clips[i].num_frames <= length]
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

    def assemble(self, indices, length):
        """Reads and pads one batch; `length` is T."""
        corpus, size = self.corpus, self.corpus.frame_size
        video = np.zeros((len(indices), length, size, size, 3), "uint8")
        labels = np.zeros((len(indices), self.max_glosses), "int32")
        clips = [corpus.clips[index] for index in indices]
        for row, (index, clip) in enumerate(zip(indices, clips, strict=True)):
            video[row, : clip.num_frames] = corpus.frames(index)
            ids = corpus.vocabulary.encode(clip.glosses, clip_id=clip.id)
            labels[row, : len(ids)] = ids
        x = {
            "video": video,
            "num_frames": np.array([clip.num_frames for clip in clips], "int32"),
            "num_glosses": np.array([len(clip.glosses) for clip in clips], "int32"),
            "clip_index": np.array(indices, "int32"),
        }
        return x, labels

    def dataset(self, prefetch=4):
        """A `tf.data.Dataset` of the same batches, read and padded off this thread.

        Its order is that of iterating; it reads `epoch` anew at every iteration, and
        its cardinality is known. On another Keras backend TensorFlow is kept from
        taking the GPU.
        """
        from dtf_keras.data.pipeline import dataset_of

        return dataset_of(self, prefetch)
