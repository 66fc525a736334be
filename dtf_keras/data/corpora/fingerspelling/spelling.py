"""Any word, spelt as the clips of the corpus are: something to try a model on."""

from dtf_keras.data.corpora.fingerspelling import frames, motion, recordings, words
from dtf_keras.landmarks import HandLandmarks
from dtf_keras.values import size_2d, whole_number
from dtf_keras.words import quoted, unknown

LONGEST = 60  # letters
PICTURE = 720  # pixels of the sides of the picture that points are in


def spell(word, language="ase", frame_size=128, seed=0):
    """Draws a word that one of the languages of the corpus spells.

    Args:
        word: str of the letters A to Z, in either case.
        language: one of `recordings.LANGUAGES`.
        frame_size: height and width of the frames in pixels, or both as one int.
        seed: int >= 0, draws tempo, motion, camera and colours.

    Returns:
        uint8 `[T, H, W, 3]`, RGB, 25 frames a second.

    Raises:
        ModuleNotFoundError: spoken-to-signed is not installed.
        ValueError: not a word or not a language that can be spelt.
    """
    size = size_2d("frame_size", frame_size, at_least=8)
    moved, rng = _spelt(word, language, seed)
    return frames.render(moved, frames.draw_look(rng), size)


def spell_hand(word, language="ase", seed=0):
    """As `spell`, the points of the hand alone: `dtf_keras.landmarks.HandLandmarks`."""
    moved, _ = _spelt(word, language, seed)
    points = PICTURE * moved.points[:, recordings.HAND]
    return HandLandmarks(points, frame_rate=recordings.FRAME_RATE)


def _spelt(word, language, seed):
    """The `Motion` of a word, and the random numbers that come after it."""
    letters = word.upper()
    if not 1 <= len(letters) <= LONGEST or set(letters) - set(recordings.LETTERS):
        raise ValueError(
            f"{quoted(word)} cannot be spelt: give 1 to {LONGEST} letters from A to Z."
        )
    if language not in recordings.LANGUAGES:
        raise ValueError(unknown("language", language, recordings.LANGUAGES))
    seed = whole_number("seed", seed, at_least=0)
    rng = words.generator(f"spell/{language}/{letters}", seed, 0)
    tempo = words.draw_letter_frames(len(letters), rng)
    spelling = words.Spelling("", letters, language, tempo)
    return motion.compose(spelling, rng), rng
