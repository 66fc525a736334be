"""Continuous fingerspelling, made of real recordings of seven sign languages.

A clip is a word of random letters in one language; its glosses are the letters. The
letters are recordings of people (see `recordings`), joined and filmed by `people`, or
in version 1 of the corpus by `motion`. A clip is the points of the hand, or `frames`
draws it; `words` chooses what each split spells. As appearance was removed from the
recordings, a signer here is one language: hand shape, proportions, motion. `facts` says
what a model that learnt it cannot do.
"""

import dataclasses
import functools
import importlib.metadata

from dtf_keras.data.batches.frame_cache import FrameCache
from dtf_keras.data.corpora.fingerspelling import (
    frames,
    motion,
    people,
    recordings,
    words,
)
from dtf_keras.data.corpora.fingerspelling.facts import ALL_SIGNERS, OTHER_SIGNERS
from dtf_keras.data.corpora.registry import register
from dtf_keras.data.corpus import Clip, Corpus
from dtf_keras.data.vocabulary import Vocabulary
from dtf_keras.input_format import InputFormat
from dtf_keras.landmarks import bridge_gaps, in_palm_lengths
from dtf_keras.values import one_of, size_2d, size_in_words, whole_number
from dtf_keras.words import unknown

VERSIONS = (1, 2)  # one more when any clip or frame changes
KINDS = ("drawn_hand", "hand_landmarks")
LEAST_SIZE = 8  # pixels
NUM_CLIPS = {"train": 1200, "dev": 200, "test": 400}


@dataclasses.dataclass(frozen=True)
class _Alphabet:
    name: str
    letters: str
    languages: dict[str, tuple[str, ...]]  # of each split


ALL_LETTERS = _Alphabet(
    "fingerspelling",
    recordings.LETTERS,
    dict.fromkeys(words.SPLITS, recordings.LANGUAGES),
)
AGREEING_LETTERS = _Alphabet(
    "fingerspelling_si",
    people.AGREEING,
    {
        "train": ("ase", "ise", "sgg", "mfs", "bzs"),
        "dev": ("asq",),
        "test": ("gsg",),
    },
)


OLD_ALPHABETS = (ALL_LETTERS, AGREEING_LETTERS)  # those of version 1


@register("fingerspelling", ALL_SIGNERS)
def fingerspelling(
    split,
    frame_size=32,
    seed=0,
    cache_dir=None,
    num_clips=None,
    version=2,
    kind="drawn_hand",
    held_out=None,
    letters="all",
):
    """26 letters, seven languages in every split; dev and test spell other words.

    The recordings are the same in all splits; words, tempi and cameras are not, and in
    "train" each clip has a hand of its own.

    Args:
        split: "train" (1,200 clips, 140,000 frames), "dev" (200) or "test" (400).
        frame_size: height and width of drawn frames in pixels, or both as one int. The
            camera sees a square, and is stretched.
        seed: int >= 0, draws another train split; dev and test stay as they are, so
            that results of different seeds compare.
        cache_dir: where drawn frames are kept; by default `$DTF_KERAS_CACHE` or
            `~/.cache/dtf_keras`.
        num_clips: int, for a smaller or larger split; its first clips stay the same.
        version: 2, or 1 for the clips with which older presets were trained: no holds,
            no rests, no other hands than those recorded.
        kind: "drawn_hand", or "hand_landmarks" for the points of the same clips.
        held_out: a language that "train" and "dev" do without, and "test" has alone.
        letters: "all", or "agreeing" for the 18 letters alone that the languages spell
            alike.

    Returns:
        `Corpus`.

    Raises:
        ModuleNotFoundError: spoken-to-signed is not installed.
        ValueError: an unknown split, or an option that cannot be.
    """
    alphabet = ALL_LETTERS
    if held_out is not None:
        alphabet = _without(alphabet, held_out)
    one_of("letters", letters, ("all", "agreeing"))
    if letters == "agreeing":
        alphabet = dataclasses.replace(alphabet, letters=people.AGREEING)
    options = frame_size, seed, cache_dir, num_clips, version, kind
    return _load(alphabet, split, *options)


@register("fingerspelling_si", OTHER_SIGNERS)
def fingerspelling_si(
    split,
    frame_size=32,
    seed=0,
    cache_dir=None,
    num_clips=None,
    version=2,
    kind="drawn_hand",
):
    """Signer-independent: 18 letters, and no recording is in more than one split.

    Trains on ase, ise, sgg, mfs and bzs; dev is asq, test gsg: the 18 letters are those
    on which the languages agree. Arguments, result and errors are `fingerspelling`'s.
    """
    options = frame_size, seed, cache_dir, num_clips, version, kind
    return _load(AGREEING_LETTERS, split, *options)


def _without(alphabet, language):
    if language not in recordings.LANGUAGES:
        raise ValueError(unknown("language", language, recordings.LANGUAGES))
    others = tuple(one for one in recordings.LANGUAGES if one != language)
    languages = {"train": others, "dev": others, "test": (language,)}
    return dataclasses.replace(alphabet, languages=languages)


def _load(alphabet, split, frame_size, seed, cache_dir, num_clips, version, kind):
    if split not in words.SPLITS:
        raise ValueError(
            f"{alphabet.name} has no split {split!r}; it has {', '.join(words.SPLITS)}."
        )
    version = _version(version)
    one_of("kind", kind, KINDS)
    if version == 1 and (kind != KINDS[0] or alphabet not in OLD_ALPHABETS):
        raise ValueError(
            f"Version 1 of {alphabet.name} has drawn hands alone, all its letters and "
            "no language held out: leave version out."
        )
    if num_clips is None:
        num_clips = NUM_CLIPS[split]
    size = size_2d("frame_size", frame_size, LEAST_SIZE)
    seed = whole_number("seed", seed, at_least=0)
    num_clips = whole_number("num_clips", num_clips)
    recordings.lexicon_folder()  # raises when they are not installed
    if split != "train":
        seed = 0
    purpose = f"{alphabet.name}/{split}"
    if version > 1:
        purpose = f"{alphabet.name}/{version}/{split}"
    languages = alphabet.languages[split]
    spellings = words.draw_spellings(
        purpose,
        split,
        alphabet.letters,
        languages,
        num_clips,
        seed,
        as_people=version > 1,
    )
    clips = [Clip(s.id, tuple(s.word), s.language, s.num_frames) for s in spellings]
    depends_on = {
        "version": str(version),
        "recordings": recordings.RECORDINGS_SHA256,
        "pillow": importlib.metadata.version("pillow"),
        "clips": [clip.id for clip in clips],
        "languages": languages,
        "seed": seed,
    }
    lengths = [clip.num_frames for clip in clips]
    if kind == "hand_landmarks":
        input_format = InputFormat(frame_rate=recordings.FRAME_RATE, kind=kind)
        label = f"{alphabet.name}-{split}-points"
    else:
        input_format = InputFormat(*size, recordings.FRAME_RATE, kind=kind)
        label = f"{alphabet.name}-{split}-{size_in_words(size)}px"
    read = functools.partial(_render, purpose, spellings, seed, size)
    if version > 1:
        mixed_with = languages if split == "train" else None
        read = functools.partial(
            _film, purpose, spellings, mixed_with, seed, input_format
        )
    return Corpus(
        name=alphabet.name,
        split=split,
        vocabulary=Vocabulary(alphabet.letters),
        clips=clips,
        input_format=input_format,
        version=str(version),
        read=read,
        cache=FrameCache(label, depends_on, lengths, input_format, cache_dir),
    )


def _version(version):
    if str(version) not in map(str, VERSIONS):
        raise ValueError(
            f"The corpus has the versions {' and '.join(map(str, VERSIONS))}. "
            f"Received: {version!r}."
        )
    return int(version)


def _render(purpose, spellings, seed, size, index):
    """The drawn frames of a clip of version 1."""
    spelling = spellings[index]
    moved = motion.compose(spelling, words.generator(f"{purpose}/motion", seed, index))
    look = frames.draw_look(words.generator(f"{purpose}/look", seed, index))
    return frames.render(moved, look, size)


def _film(purpose, spellings, mixed_with, seed, input_format, index):
    """The points of a clip, or its drawn frames."""
    spelling = spellings[index]
    rng = words.generator(f"{purpose}/motion", seed, index)
    points = people.compose(spelling, rng, mixed_with)
    points = bridge_gaps(points, input_format.frame_rate)
    points = in_palm_lengths(points, input_format.frame_rate)
    if input_format.of_landmarks:
        return points
    rng = words.generator(f"{purpose}/look", seed, index)
    look, body = frames.draw_look(rng), people.draw_body(spelling.language, rng)
    return frames.render_hand(points, look, input_format.frame_size, body)
