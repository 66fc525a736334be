"""Clips with glosses and frames: one split of one corpus."""

import copy
import dataclasses
import hashlib
import time

from dtf_keras.data.bad_clips import check_on_bad_clip, report_bad_clips
from dtf_keras.data.batches.batching import ClipBatches
from dtf_keras.data.batches.sharing import ALONE
from dtf_keras.data.corpora.facts import CorpusFacts
from dtf_keras.data.shard import Shard
from dtf_keras.data.validation import check_clip, check_frames, check_length
from dtf_keras.words import composed, tell


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

    What is checked here holds for every model. A model that makes few output steps of
    a clip asks for more: see `for_model`.

    Args:
        name: str, as registered.
        split: "train", "dev" or "test".
        vocabulary: `Vocabulary`, the same in all splits.
        clips: sequence of `Clip`; their texts are kept in the Unicode form NFC.
        input_format: `dtf_keras.input_format.InputFormat` of the frames. What `read`
            returns is larger than they are where training may crop it anywhere.
        read: function of a clip's index that returns `[T, ...]`, frames of the
            `read_shape` and the `dtype` of the format; called from several threads.
        version: str, raised when a clip or a frame of it changes; by default a digest
            of the clips and the vocabulary.
        augmentation: `Augmentation` that training on this corpus asks for, or None.
        cache: `FrameCache` of these clips, or None to read every time.
        shard: `Shard`, which part of the split's clips these are; None of all. A part
            may be empty.

    Attributes:
        labels: tuple of the class ids of each clip's glosses, a tuple of int.
        facts: `CorpusFacts` that the corpus was registered with, set by `load`.

    Raises:
        ValueError: no clip, two of one id, or a clip without frames or glosses or with
            an unknown gloss. The sentence names the clip.
    """

    facts = CorpusFacts()

    def __init__(
        self,
        *,
        name,
        split,
        vocabulary,
        clips,
        input_format,
        read,
        version=None,
        augmentation=None,
        cache=None,
        shard=None,
    ):
        self.name = name
        self.split = split
        self.shard = shard
        self.vocabulary = vocabulary
        self.clips = tuple(map(_in_one_form, clips))
        self.labels = tuple(self._labels())
        self._require_clips()
        self.input_format = input_format
        self.augmentation = augmentation
        self._version = version
        self._read = read
        self._cache = cache
        self._places = range(len(self.clips))  # of the clips, for `read` and `cache`

    def _labels(self):
        seen = set()
        for clip in self.clips:
            check_clip(clip)
            if clip.id in seen:
                raise ValueError(f"Two clips are named {clip.id}; rename one of them.")
            seen.add(clip.id)
            yield tuple(self.vocabulary.encode(clip.glosses, clip_id=clip.id))

    def _require_clips(self):
        if not self.clips and self.shard is None:
            raise ValueError(f"The split {self.split!r} has no clips.")

    def __len__(self):
        return len(self.clips)

    def __repr__(self):
        return (
            f"Corpus({self.name}/{self.split}: {len(self)} clips, "
            f"{self.num_frames} frames of {self.input_format.size_in_words})"
        )

    @property
    def version(self):
        """What a resumed run must find the same, a str."""
        return self._version or _digest(self.clips, self.vocabulary)

    @property
    def num_frames(self):
        """Frames of all clips together."""
        return sum(clip.num_frames for clip in self.clips)

    def for_model(self, time_axis, on_bad_clip="stop", say=tell):
        """The corpus of the clips that are long enough for a model.

        In "train" CTC must be able to learn a clip's glosses from the output steps
        that the model makes of it; elsewhere one step is enough.

        Args:
            time_axis: `model.time_axis`, or anything with `steps(num_frames)`, the
                most output steps of a clip.
            on_bad_clip: "stop" with an error at a clip that is too short, or "skip"
                it and say so.
            say: function that shows a line of text.

        Returns:
            `Corpus`, this one if all clips are long enough.

        Raises:
            ValueError: a clip that is too short, unless those are skipped; the sentence
                names it, its frames, steps and glosses. Or no clip is left.
        """
        check_on_bad_clip(on_bad_clip)
        wrong, kept = {}, []
        for index, (clip, ids) in enumerate(zip(self.clips, self.labels, strict=True)):
            try:
                check_length(clip, ids, self.split, time_axis)
                kept.append(index)
            except ValueError as error:
                wrong[clip.id] = str(error)
        label = f"{self.name} {self.split}"
        report_bad_clips(label, wrong, len(self), on_bad_clip, say)
        return self._of(kept) if wrong else self

    def part(self, shard):
        """The corpus of one part of the clips.

        Args:
            shard: str, such as "3/16" for the third of sixteen parts.

        Raises:
            ValueError: as `shard_numbers`.
        """
        shard = Shard.of(shard, self.clips)
        return self._of(shard.take(range(len(self))), shard)

    def _of(self, indices, shard=None):
        """The corpus of some of the clips."""
        part = copy.copy(self)
        part.shard = shard or self.shard
        part.clips = tuple(self.clips[index] for index in indices)
        part._require_clips()
        part.labels = tuple(self.labels[index] for index in indices)
        part._places = [self._places[index] for index in indices]
        return part

    def frames(self, index):
        """The frames of clip `index`; do not write to them.

        uint8 `[T, H, W, 3]`, RGB: where the frames that are read are larger, their
        centre. Of landmarks float32 `[T, 21, 2]`, palm lengths, NaN where no point was
        seen.

        Raises:
            ClipError: the frames are missing, damaged or not what the clip says.
        """
        frames = self.uncropped_frames(index)
        if self.input_format.of_landmarks:
            return frames
        height, width = self.input_format.frame_size
        top, left = self.input_format.corner
        return frames[:, top : top + height, left : left + width]

    def uncropped_frames(self, index):
        """As `frames`, but of the format's `read_shape`."""
        if self._cache is None:
            return self.read(index)
        place = self._places[index]
        frames = self._cache.get(place)
        if frames is None:
            frames = self.read(index)
            self._cache.put(place, frames)
        return frames

    def read(self, index):
        """As `uncropped_frames`, but always read or drawn anew."""
        frames = self._read(self._places[index])
        check_frames(frames, self.clips[index], self.input_format)
        return frames

    def batches(
        self,
        batch_size,
        shuffle=False,
        seed=0,
        num_buckets=6,
        augmentation=None,
        time_axis=None,
        sharing=ALONE,
    ):
        """The clips in padded batches: see `ClipBatches`."""
        return ClipBatches(
            self,
            batch_size,
            shuffle,
            seed,
            num_buckets,
            augmentation,
            time_axis,
            sharing,
        )


def _in_one_form(clip):
    return dataclasses.replace(
        clip,
        id=composed(clip.id),
        glosses=tuple(map(composed, clip.glosses)),
        signer=composed(clip.signer),
    )


def reading_rate(corpus, num_clips=30):
    """Frames a second that one thread reads or draws of `corpus`, without its cache."""
    num_clips = min(num_clips, len(corpus))
    corpus.read(0)  # what is loaded once
    start = time.perf_counter()
    frames = sum(len(corpus.read(index)) for index in range(num_clips))
    return frames / (time.perf_counter() - start)


def _digest(clips, vocabulary):
    """Another string when clips, lengths, glosses or classes change."""
    text = repr([dataclasses.astuple(clip) for clip in clips]) + repr(
        vocabulary.glosses
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]
