"""Continuous fingerspelling, made of real recordings of seven sign languages.

A clip is a word of random letters in one language; its glosses are the letters. The
letters are recordings of people (see `recordings`), joined and filmed by `motion`,
drawn by `frames`; `words` chooses what each split spells. As appearance was removed
from the recordings, a signer here is one language: hand shape, proportions, motion.
`facts` says what a model that learnt it cannot do.
"""

import dataclasses
import functools
import importlib.metadata

from dtf_keras.data.batches.frame_cache import FrameCache
from dtf_keras.data.corpora.fingerspelling import frames, motion, recordings, words
from dtf_keras.data.corpora.fingerspelling.facts import ALL_SIGNERS, OTHER_SIGNERS
from dtf_keras.data.corpora.registry import register
from dtf_keras.data.corpus import Clip, Corpus
from dtf_keras.data.vocabulary import Vocabulary
from dtf_keras.input_format import InputFormat
from dtf_keras.values import size_2d, size_in_words, whole_number

VERSION = "1"  # raise it when any clip or frame changes
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
    "ABCDEGHILOPRSUVWYZ",
    {
        "train": ("ase", "ise", "sgg", "mfs", "bzs"),
        "dev": ("asq",),
        "test": ("gsg",),
    },
)


@register("fingerspelling", ALL_SIGNERS)
def fingerspelling(split, frame_size=32, seed=0, cache_dir=None, num_clips=None):
    """26 letters, seven languages in every split; dev and test spell other words.

    The recordings are the same in all splits; the words, tempi and cameras are not.

    Args:
        split: "train" (1,200 clips, 78,000 frames), "dev" (200) or "test" (400).
        frame_size: height and width of the frames in pixels, or both as one int. The
            camera sees a square, and is stretched.
        seed: int >= 0, draws another train split; dev and test stay as they are, so
            that results of different seeds compare.
        cache_dir: where drawn frames are kept; by default `$DTF_KERAS_CACHE` or
            `~/.cache/dtf_keras`.
        num_clips: int, for a smaller or larger split; its first clips stay the same.

    Returns:
        `Corpus`.

    Raises:
        ModuleNotFoundError: spoken-to-signed is not installed.
        ValueError: an unknown split, or a size or number out of range.
    """
    return _load(ALL_LETTERS, split, frame_size, seed, cache_dir, num_clips)


@register("fingerspelling_si", OTHER_SIGNERS)
def fingerspelling_si(split, frame_size=32, seed=0, cache_dir=None, num_clips=None):
    """Signer-independent: 18 letters, and no recording is in more than one split.

    Trains on ase, ise, sgg, mfs and bzs; dev is asq, test gsg: the 18 letters are those
    on which the languages agree. Arguments, result and errors are `fingerspelling`'s.
    """
    return _load(AGREEING_LETTERS, split, frame_size, seed, cache_dir, num_clips)


def _load(alphabet, split, frame_size, seed, cache_dir, num_clips):
    if split not in words.SPLITS:
        raise ValueError(
            f"{alphabet.name} has no split {split!r}; it has {', '.join(words.SPLITS)}."
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
    spellings = words.draw_spellings(
        purpose, split, alphabet.letters, alphabet.languages[split], num_clips, seed
    )
    clips = [Clip(s.id, tuple(s.word), s.language, s.num_frames) for s in spellings]
    depends_on = {
        "version": VERSION,
        "recordings": recordings.RECORDINGS_SHA256,
        "pillow": importlib.metadata.version("pillow"),
        "clips": [clip.id for clip in clips],
        "seed": seed,
    }
    lengths = [clip.num_frames for clip in clips]
    label = f"{alphabet.name}-{split}-{size_in_words(size)}px"
    return Corpus(
        name=alphabet.name,
        split=split,
        vocabulary=Vocabulary(alphabet.letters),
        clips=clips,
        input_format=InputFormat(*size, recordings.FRAME_RATE),
        version=VERSION,
        read=functools.partial(_render, purpose, spellings, seed, size),
        cache=FrameCache(label, depends_on, lengths, size, cache_dir),
    )


def _render(purpose, spellings, seed, size, index):
    spelling = spellings[index]
    moved = motion.compose(spelling, words.generator(f"{purpose}/motion", seed, index))
    look = frames.draw_look(words.generator(f"{purpose}/look", seed, index))
    return frames.render(moved, look, size)
