"""Clips with glosses and frames: one split of one corpus."""

import dataclasses
import time

from dtf_keras.data.batches.batching import ClipBatches
from dtf_keras.data.validation import check_clips, check_frames


@dataclasses.dataclass(frozen=True)
class Clip:
    """One continuously signed utterance.

    Attributes:
        id: str, unique in its split.
        glosses: what is signed, in order.
        signer: str, who signs; of `fingerspelling`, the sign language.
        num_frames: int, known without reading a frame.
    """

    id: str
    glosses: tuple[str, ...]
    signer: str
    num_frames: int


class Corpus:
    """One split of one corpus.

    Args:
        name: str, as registered.
        split: "train", "dev" or "test".
        vocabulary: `Vocabulary`, the same in all splits.
        clips: sequence of `Clip`.
        frame_size: int, H = W in pixels.
        frame_rate: float, frames a second.
        version: str, raised when a clip or a frame of it changes.
        read: function of a clip's index that returns uint8 `[T, R, R, 3]`; called
            from several threads.
        read_size: int, R: what `read` returns is larger than H = W where training
            may crop it anywhere; `frame_size` by default.
        augmentation: `Augmentation` that training on this corpus asks for, or None.
        cache: `FrameCache` of these clips, or None to read every time.

    Raises:
        ValueError: a clip with an unknown gloss, a label out of range or too few
            frames: in "train" for CTC to learn its glosses, elsewhere for one output
            step. The sentence names the clip.
    """

    def __init__(
        self,
        *,
        name,
        split,
        vocabulary,
        clips,
        frame_size,
        frame_rate,
        version,
        read,
        read_size=None,
        augmentation=None,
        cache=None,
    ):
        check_clips(clips, vocabulary, split)
        read_size = frame_size if read_size is None else read_size
        if read_size < frame_size:
            raise ValueError(
                f"Frames of {read_size} pixels cannot be cropped to {frame_size}; "
                "take a smaller frame_size."
            )
        self.name = name
        self.split = split
        self.vocabulary = vocabulary
        self.clips = tuple(clips)
        self.frame_size = frame_size
        self.frame_rate = frame_rate
        self.version = version
        self.read_size = read_size
        self.augmentation = augmentation
        self._read = read
        self._cache = cache

    def __len__(self):
        return len(self.clips)

    def __repr__(self):
        return (
            f"Corpus({self.name}/{self.split}: {len(self)} clips, "
            f"{self.num_frames} frames of {self.frame_size} px)"
        )

    @property
    def num_frames(self):
        """Frames of all clips together."""
        return sum(clip.num_frames for clip in self.clips)

    def frames(self, index):
        """The frames of clip `index`: uint8 `[T, H, W, 3]`, RGB; do not write to them.

        Where the frames that are read are larger, this is their centre.

        Raises:
            ClipError: the frames are missing, damaged or not what the clip says.
            OSError: the cache cannot be written.
        """
        first = (self.read_size - self.frame_size) // 2
        last = first + self.frame_size
        return self.uncropped_frames(index)[:, first:last, first:last]

    def uncropped_frames(self, index):
        """As `frames`, but uint8 `[T, R, R, 3]` with R = `read_size`."""
        if self._cache is None:
            return self.read(index)
        frames = self._cache.get(index)
        if frames is None:
            frames = self.read(index)
            self._cache.put(index, frames)
        return frames

    def read(self, index):
        """As `uncropped_frames`, but always read or drawn anew."""
        clip = self.clips[index]
        frames = self._read(index)
        check_frames(frames, clip, self.read_size)
        return frames

    def batches(
        self, batch_size, shuffle=False, seed=0, num_buckets=6, augmentation=None
    ):
        """The clips in padded batches: see `ClipBatches`."""
        return ClipBatches(self, batch_size, shuffle, seed, num_buckets, augmentation)


def reading_rate(corpus, num_clips=30):
    """Frames a second that one thread reads or draws of `corpus`, without its cache."""
    num_clips = min(num_clips, len(corpus))
    corpus.read(0)  # what is loaded once
    start = time.perf_counter()
    frames = sum(len(corpus.read(index)) for index in range(num_clips))
    return frames / (time.perf_counter() - start)
