"""Which words each split spells, in which language, and how fast: no motion yet.

A word belongs to one split by a hash of its letters, so that no word of dev or test
is ever spelt in train, whatever the seeds and the sizes of the splits.
"""

import dataclasses
import hashlib
import itertools

import numpy as np

WORD_LENGTHS = (2, 8)  # letters
LETTER_FRAMES = (8, 18)  # frames a letter at 25 frames a second
HELD = (4, 75)  # frames a letter as people hold it
AGAIN = 8  # the fewest frames of a letter that follows itself
TEMPI = (0.3, 2.0)  # of people, where 1 is `USUAL` frames a letter
USUAL = 12
REST = (4, 40)  # frames
DOUBLED = 0.2  # share of the words of people with a letter made to follow itself
SPLITS = ("train", "dev", "test")


@dataclasses.dataclass(frozen=True)
class Spelling:
    """One clip to be spelt.

    Attributes:
        id: str, unique in its split.
        word: str, its letters.
        language: sign language.
        letter_frames: `letter_frames[k]` frames for the letter `word[k]`.
        rests: frames without a letter: before the first, between each two, after the
            last. Empty where there are none.
    """

    id: str
    word: str
    language: str
    letter_frames: tuple[int, ...]
    rests: tuple[int, ...] = ()

    @property
    def num_frames(self):
        return sum(self.letter_frames) + sum(self.rests)


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


def draw_spellings(
    purpose, split, letters, languages, num_clips, seed, as_people=False
):
    """Draws the clips of a split; the first n clips are the same for every size.

    Args:
        purpose: str; other purposes draw other clips with the same seed.
        split: "train", "dev" or "test".
        letters: the alphabet, drawn from evenly and with replacement, so that a
            letter follows itself once in `len(letters)` times.
        languages: the languages to draw from; each clip is spelt in one.
        num_clips: int.
        seed: int >= 0.
        as_people: whether letters are held, doubled and rested between as people do.

    Returns:
        A list of `num_clips` `Spelling`s.
    """
    return [
        _draw(purpose, split, letters, languages, seed, index, as_people)
        for index in range(num_clips)
    ]


def _draw(purpose, split, letters, languages, seed, index, as_people):
    rng = generator(f"{purpose}/word", seed, index)
    language = languages[rng.integers(len(languages))]
    if as_people:
        word = _word_of_people(split, letters, rng)
        frames, rests = draw_holds(word, rng), draw_rests(len(word), rng)
    else:
        word = _word(split, letters, rng)
        frames, rests = draw_letter_frames(len(word), rng), ()
    clip_id = f"{split}-{index:05d}-{language}-{word}"
    return Spelling(clip_id, word, language, frames, rests)


def _word(split, letters, rng):
    word = ""
    while not word or split_of(word) != split:
        length = rng.integers(WORD_LENGTHS[0], WORD_LENGTHS[1] + 1)
        word = "".join(letters[i] for i in rng.integers(len(letters), size=length))
    return word


def _word_of_people(split, letters, rng):
    """A word in which a letter is doubled more often than by chance, or one letter.

    A letter alone is in all splits, as there are no more of them than letters.
    """
    length, word = int(rng.integers(1, WORD_LENGTHS[1] + 1)), ""
    double = rng.random() < DOUBLED
    while not word or (length > 1 and split_of(word) != split):
        word = "".join(letters[i] for i in rng.integers(len(letters), size=length))
        if double and length > 1:
            place = int(rng.integers(1, length))
            word = word[:place] + word[place - 1] + word[place + 1 :]
    return word


def draw_letter_frames(num_letters, rng):
    """Frames of each letter of a clip, around its tempo: a tuple of int."""
    tempo = rng.integers(10, 17)  # frames a letter of this clip
    frames = np.clip(tempo + rng.integers(-3, 4, size=num_letters), *LETTER_FRAMES)
    return tuple(frames.tolist())


def draw_holds(word, rng):
    """Frames of each letter of a clip as people hold them: a tuple of int."""
    num_letters = len(word)
    low, high = np.log(TEMPI)
    tempo = np.exp(low + (high - low) * rng.random())
    factors = np.exp(0.3 * rng.standard_normal(num_letters))
    # Now and then a letter is held for long, whatever the tempo.
    held = rng.random(num_letters) < 0.08
    frames = np.where(held, 25 + 50 * rng.random(num_letters), USUAL / tempo * factors)
    shortest = [HELD[0]] + [
        AGAIN if a == b else HELD[0] for a, b in itertools.pairwise(word)
    ]
    frames = np.clip(np.rint(frames), shortest, HELD[1])
    return tuple(frames.astype("int64").tolist())


def draw_rests(num_letters, rng):
    """Frames of rest before, between and after letters: a tuple of int, mostly 0."""
    shares = np.full(num_letters + 1, 0.04)
    shares[[0, -1]] = 0.6
    low, high = REST
    frames = low + (high + 1 - low) * rng.random(num_letters + 1) ** 2
    rests = np.where(rng.random(num_letters + 1) < shares, frames, 0)
    return tuple(rests.astype("int64").tolist())
