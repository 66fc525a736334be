"""Google's ASL Fingerspelling, as its competition on Kaggle released it.

Phrases that more than a hundred deaf signers spelled before the camera of a phone:
landmarks and characters, without pictures. It is to be had from Kaggle; nothing of it
is part of this package.

Sources: https://www.kaggle.com/competitions/asl-fingerspelling; Georg et al., "FSboard:
over 3 million characters of ASL fingerspelling collected via smartphones", 2025, of the
same recordings.
"""

import dataclasses
import functools

from dtf_keras.damage import damage_as, reason
from dtf_keras.data.clip_kinds import of_kind
from dtf_keras.data.corpora.facts import CorpusFacts
from dtf_keras.data.corpora.fingerspelling.words import SPLITS, split_of
from dtf_keras.data.corpora.phoenix_release import content
from dtf_keras.data.corpora.recorded import Row, find_root, recorded_corpus
from dtf_keras.data.corpora.registry import register
from dtf_keras.data.footage.landmark_table import LandmarkSequence, LandmarkTable
from dtf_keras.data.text_table import read_columns, read_text
from dtf_keras.data.vocabulary import SPACE, Vocabulary
from dtf_keras.input_format import InputFormat
from dtf_keras.json_text import parse_object
from dtf_keras.values import one_of, size_2d
from dtf_keras.words import tell

NAME = "asl_fingerspelling"
VARIABLE = "DTF_KERAS_ASL_FINGERSPELLING"
KINDS = ("drawn_hand", "hand_landmarks")
CHARACTERS = "character_to_prediction_index.json"
COLUMNS = ("path", "sequence_id", "participant_id", "phrase")
FILMED_AT = 30.0  # frames a second, as FSboard says of these recordings
PICTURE_SIZE = (4, 3)  # height to width: a phone that is held upright


def _licence():
    return "ASL Fingerspelling of Google, released on Kaggle: CC BY 4.0"


FACTS = CorpusFacts(
    landmarks=True,
    licence=_licence,
    limits=(
        "It learnt one hand that spells American Sign Language's letters, numbers and "
        "signs of punctuation; it reads no signs.",
        "Its phrases are names, addresses, telephone numbers and places in the web.",
        "Dev and test are other people than training, chosen here: its error rates do "
        "not compare with the competition's, whose test people are not published.",
    ),
    rules="characters",
    repeats=True,
)


@register(NAME, FACTS)
def asl_fingerspelling(
    split,
    root=None,
    frame_size=32,
    frame_rate=25.0,
    num_clips=None,
    kind="drawn_hand",
    supplemental=False,
    picture_size=PICTURE_SIZE,
    on_bad_clip="stop",
    cache_dir=None,
    say=tell,
    shard=None,
):
    """Phrases spelled in American Sign Language: a gloss a character, 59 of them.

    The gloss of a space is `␣`. A clip is the hand that is seen in more frames; a left
    one is read mirrored. Dev and test have an eighth of the people each, by a hash of
    their numbers, and training has none of these.

    The release does not say how its clips were filmed. They are taken to have 30 frames
    a second, as their authors write elsewhere, and pictures three wide and four high.

    Args:
        split: "train", "dev" or "test", all of them of `train.csv`: the competition's
            own test is not published.
        root: folder with `train.csv`, `train_landmarks` and
            `character_to_prediction_index.json`; by default
            `$DTF_KERAS_ASL_FINGERSPELLING`.
        frame_size: height and width of drawn frames in pixels, or both as one int.
        frame_rate: float, frames a second to give. Who spells fast makes more letters
            than a model has output steps at 25: such clips are named, and a higher rate
            gives the model more of them.
        num_clips: int, for the first clips only.
        kind: "drawn_hand" for the hand drawn as `fingerspelling` draws it, or
            "hand_landmarks" for its points.
        supplemental: whether "train" also has the sentences of
            `supplemental_metadata.csv`, by people of "train" or of neither dev nor
            test.
        picture_size: height and width of the pictures; their ratio alone counts.
        on_bad_clip: "stop" with an error at a clip that has no phrase or characters
            that the release does not list, that its table lacks or that shows no hand;
            "skip" leaves it out and says so.
        cache_dir: where the hands of each table are kept, and what is checked; by
            default `$DTF_KERAS_CACHE` or `~/.cache/dtf_keras`.
        say: function that shows a line of text.
        shard: as for `phoenix2014`.

    Returns:
        `Corpus`.

    Raises:
        FileNotFoundError: the corpus is not there.
        ModuleNotFoundError: pyarrow is not installed.
        ValueError: an option that cannot be, or a bad clip; the sentence names it.
        OSError: the cache cannot be written.
    """
    if split not in SPLITS:
        raise ValueError(f"{NAME} has no split {split!r}; it has {', '.join(SPLITS)}.")
    size = size_2d("frame_size", frame_size, at_least=8)
    if one_of("kind", kind, KINDS) == "hand_landmarks":
        size = (None, None)
    input_format = InputFormat(*size, frame_rate, kind=kind)
    picture_size = size_2d("picture_size", picture_size)
    root = find_root(NAME, root, VARIABLE)
    tables = ["train.csv"]
    if supplemental and split == "train":
        tables.append("supplemental_metadata.csv")
    lines = [line for name in tables for _, line in _read(root, name)]
    open_table = functools.cache(lambda path: LandmarkTable(path, cache_dir))
    rows = [
        _row(line, open_table(root / line["path"]), picture_size, input_format)
        for line in lines
        if split_of(line["participant_id"].strip()) == split
    ]
    return recorded_corpus(
        name=NAME,
        split=split,
        root=root,
        rows=rows,
        vocabulary=_vocabulary(_find(root, CHARACTERS)),
        input_format=input_format,
        num_clips=num_clips,
        on_bad_clip=on_bad_clip,
        cache_dir=cache_dir,
        say=say,
        shard=shard,
    )


@dataclasses.dataclass(frozen=True)
class _Spelled:
    """A clip as models of a kind read it; of many thousands none stays in memory."""

    sequence: LandmarkSequence
    input_format: InputFormat

    @property
    def path(self):
        return self.sequence.path

    def fingerprint(self):
        return self._clip().fingerprint()

    def check(self):
        return self._clip().check()

    def read(self, size, how):
        return self._clip().read(size, how)

    def _clip(self):
        said = self.input_format
        return of_kind(self.sequence, said.kind, said.frame_rate)


def _find(root, name):
    path = root / name
    if not path.is_file():
        raise FileNotFoundError(
            f"{NAME}: there is no {path}; {root} has {content(root)}."
        )
    return path


def _read(root, name):
    return read_columns(_find(root, name), COLUMNS)


def _row(line, table, picture_size, input_format):
    number = line["sequence_id"].strip()
    if not number.isdecimal():
        raise ValueError(f"{NAME}: {number!r} is no sequence_id, which is a number.")
    sequence = LandmarkSequence(table, int(number), FILMED_AT, picture_size)
    return Row(
        id=number,
        footage=_Spelled(sequence, input_format),
        glosses=tuple(_gloss(character) for character in line["phrase"]),
        signer=line["participant_id"].strip(),
    )


def _gloss(character):
    return SPACE if character == " " else character


def _vocabulary(path):
    """The characters in the order of their numbers."""

    def no_numbers(error):
        return ValueError(f"{path} does not number characters: {reason(error)}.")

    with damage_as(no_numbers):
        numbers = parse_object(read_text(path))
        return Vocabulary(_gloss(one) for one in sorted(numbers, key=numbers.get))
