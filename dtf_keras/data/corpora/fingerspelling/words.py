"""Which words each split spells, in which language, and how fast: no motion yet.

A word belongs to one split by a hash of its letters, so that no word of dev or test
is ever spelt in train, whatever the seeds and the sizes of the splits.
"""

import dataclasses
import hashlib

import numpy as np

WORD_LENGTHS = (2, 8)  # letters
LETTER_FRAMES = (8, 18)  # frames a letter at 25 frames a second
SPLITS = ("train", "dev", "test")


@dataclasses.dataclass(frozen=True)
class Spelling:
    """One clip to be spelt: `letter_frames[k]` frames for the letter `word[k]`."""

    id: str
    word: str
    language: str
    letter_frames: tuple[int, ...]

    @property
    def num_frames(self):
        return sum(self.letter_frames)


def stable_hash(text):
    """A 64-bit integer of a string, the same in every process and on every machine."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def generator(purpose, seed, index):
    """The random numbers of one clip for one purpose, independent of all others."""
    sequence = np.random.SeedSequence([stable_hash(purpose), seed, index])
    return np.random.Generator(np.random.PCG64(sequence))


def split_of(word):
    """The one split that may spell `word`: dev and test get an eighth each."""
    return {0: "dev", 1: "test"}.get(stable_hash(word) % 8, "train")


def draw_spellings(purpose, split, letters, languages, num_clips, seed):
    """Draws the clips of a split; the first n clips are the same for every size.

    Args:
        purpose: str; other purposes draw other clips with the same seed.
        split: "train", "dev" or "test".
        letters: the alphabet, drawn from evenly and with replacement, so that a
            letter follows itself once in `len(letters)` times.
        languages: the languages to draw from; each clip is spelt in one.
        num_clips: int.
        seed: int >= 0.

    Returns:
        A list of `num_clips` `Spelling`s.
    """
    return [
        _draw(purpose, split, letters, languages, seed, index)
        for index in range(num_clips)
    ]


def _draw(purpose, split, letters, languages, seed, index):
    rng = generator(f"{purpose}/word", seed, index)
    language = languages[rng.integers(len(languages))]
    word = ""
    while not word or split_of(word) != split:
        length = rng.integers(WORD_LENGTHS[0], WORD_LENGTHS[1] + 1)
        word = "".join(letters[i] for i in rng.integers(len(letters), size=length))
    return Spelling(
        id=f"{split}-{index:05d}-{language}-{word}",
        word=word,
        language=language,
        letter_frames=draw_letter_frames(len(word), rng),
    )


def draw_letter_frames(num_letters, rng):
    """Frames of each letter of a clip, around its tempo: a tuple of int."""
    tempo = rng.integers(10, 17)  # frames a letter of this clip
    frames = np.clip(tempo + rng.integers(-3, 4, size=num_letters), *LETTER_FRAMES)
    return tuple(frames.tolist())
