"""Clips of similar length padded into batches of few shapes.

Compiled backends trace every (B, T) they meet, so T takes a handful of values, the same
ones in all epochs. Clips left over in a bucket move up to the next longer one: every
clip is in exactly one batch of an epoch, and only the last batch may be smaller.
"""

import numpy as np

from dtf_keras.data.batches.augmentation import view_generator
from dtf_keras.data.batches.dataset import PREFETCH, dataset_of
from dtf_keras.data.batches.lengths import (
    StepEveryFourFrames,
    bucket_lengths,
    least_frames,
)
from dtf_keras.data.batches.read_ahead import default_workers, read_ahead
from dtf_keras.data.batches.sharing import ALONE
from dtf_keras.values import whole_number


class ClipBatches:
    """The batches of a corpus; iterating gives one epoch, read ahead in threads.

    A batch is `(x, y)`. `x` is a dict of `video` uint8 `[B, T, H, W, 3]` (`landmarks`
    float32 `[B, T, 21, 2]` of such a corpus) padded with zeros, `num_frames` int32
    `[B]`, `num_glosses` int32 `[B]` and `clip_index` int32 `[B]` into `corpus.clips`;
    `y` is int32 `[B, L]`, class ids padded with 0, with L the most glosses of any clip
    of the corpus. All are numpy arrays.

    Where several devices share it, a batch has the rows of this process alone, rows
    without frames and glosses (`clip_index` -1) that make all devices have as many, and
    `sample_weight` float32 `[B]` as a third part: the mean over all rows is the mean
    over the clips.

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
        sharing: `Sharing` between devices.

    Attributes:
        epoch: int, which shuffle and views come next; set it before iterating.
        lengths: the values T takes in any epoch, in frames.
        failure: the exception that ended the reading of a `dataset`, or None.

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
        sharing=ALONE,
    ):
        num_buckets = whole_number("num_buckets", num_buckets)
        time_axis = time_axis or StepEveryFourFrames()
        self.corpus = corpus
        self.batch_size = whole_number("batch_size", batch_size)
        self.shuffle = shuffle
        self.seed = whole_number("seed", seed, at_least=0)
        self.augmentation = augmentation
        self.sharing = sharing
        self.epoch = 0
        self.failure = None
        shapes = corpus.input_format.read_shape, corpus.input_format.frame_shape
        self._margin = tuple(read - shown for read, shown in zip(*shapes, strict=True))
        self._least = least_frames(corpus, time_axis)
        self.lengths = bucket_lengths(
            self._possible_lengths(), num_buckets, time_axis.stride
        )
        self.max_glosses = max(map(len, corpus.labels))

    def __len__(self):
        return -(-len(self.corpus) // self.batch_size)

    def __iter__(self):
        return self.read()

    def read(self, prefetch=PREFETCH, workers=None, first=0, epoch=None):
        """Yields the batches of an epoch, read and padded in threads.

        Args:
            prefetch: int, batches kept ready.
            workers: int, threads, each of which reads a batch; by default as many as
                the machine has cores, 2 to 8.
            first: int, the batch to begin with.
            epoch: int; by default that of the attribute.

        Raises:
            ClipError: a clip that cannot be read.
        """
        workers = workers or default_workers()
        epoch = self.epoch if epoch is None else epoch
        plan = self.plan(epoch)[first:]
        jobs = [(clips, length, epoch) for clips, length in plan]
        yield from read_ahead(self.assemble, jobs, workers, ahead=prefetch + workers)

    def clip_lengths(self, epoch):
        """Frames that are shown of each clip in an epoch, a list of int."""
        frames = [clip.num_frames for clip in self.corpus.clips]
        if self.augmentation is None:
            return frames
        if not self.augmentation.lengths_change:
            return self._possible_lengths()
        return [
            self.augmentation.num_frames(self._generator(i, epoch), n, self._least[i])
            for i, n in enumerate(frames)
        ]

    def plan(self, epoch=None):
        """An epoch's batches as `(clip indices, padded length)`; reads no frame."""
        epoch = self.epoch if epoch is None else epoch
        frames = self.clip_lengths(epoch)
        if self.shuffle:
            key = np.random.SeedSequence([self.seed, epoch])
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
        shape, dtype = corpus.input_format.frame_shape, corpus.input_format.dtype
        rows = self.sharing.rows(indices)
        clips = np.zeros((len(rows), length, *shape), dtype)
        labels = np.zeros((len(rows), self.max_glosses), "int32")
        num_frames, num_glosses, weights = np.zeros((3, len(rows)))
        for row, index in enumerate(rows):
            if index is None:
                continue
            num_frames[row] = self._show(index, epoch, clips[row])
            num_glosses[row] = len(corpus.labels[index])
            labels[row, : len(corpus.labels[index])] = corpus.labels[index]
            weights[row] = self.sharing.weight(indices)
        x = {
            corpus.input_format.input_name: clips,
            "num_frames": num_frames.astype("int32"),
            "num_glosses": num_glosses.astype("int32"),
            "clip_index": np.array([-1 if i is None else i for i in rows], "int32"),
        }
        if self.sharing.devices == 1:
            return x, labels
        return x, labels, weights.astype("float32")

    def _show(self, index, epoch, out):
        """Writes what an epoch shows of a clip to `out`; returns how many frames."""
        corpus = self.corpus
        if self.augmentation is None:
            frames = corpus.frames(index)
            out[: len(frames)] = frames
            return len(frames)
        view = self.augmentation.draw(
            self._generator(index, epoch),
            corpus.clips[index].num_frames,
            self._least[index],
            self._margin[:2],
        )
        view.show(corpus.uncropped_frames(index), out[: len(view.frames)])
        return len(view.frames)

    def _generator(self, index, epoch):
        return view_generator(self.seed, epoch, self.corpus.clips[index].id)

    def _possible_lengths(self):
        """Frames that may be shown of clips, each length as often as it is likely."""
        frames = [clip.num_frames for clip in self.corpus.clips]
        if self.augmentation is None:
            return frames
        return [
            length
            for num_frames, least in zip(frames, self._least, strict=True)
            for length in self.augmentation.possible_lengths(num_frames, least)
        ]

    def dataset(self, prefetch=PREFETCH, workers=None):
        """The same batches as `model.fit` reads them, on the Keras backend in use.

        They are those of iterating, in their order; `epoch` is read anew at every
        iteration. `max_bytes` of `batches.dataset` says what memory it takes.

        Args:
            prefetch: as for `read`.
            workers: as for `read`.

        Returns:
            A `tf.data.Dataset` on TensorFlow, else a `keras.utils.PyDataset`.
        """
        return dataset_of(self, prefetch, workers)
