"""How well glosses were recognized. Imports no deep-learning framework.

`score` and `score_files` count as the official evaluation of PHOENIX-2014 does, by
the alignment of NIST sclite; `word_errors` is the plain WER of jiwer, and
`character_errors` what corpora of spelled phrases are measured by.
"""

from dtf_keras.evaluation.characters import (
    CharacterErrors,
    character_errors,
    errors_from_dict,
)
from dtf_keras.evaluation.ctm import CtmRow, read_ctm, write_ctm
from dtf_keras.evaluation.errors import ScoringError
from dtf_keras.evaluation.lines import check_word
from dtf_keras.evaluation.report import describe
from dtf_keras.evaluation.report_files import write_report
from dtf_keras.evaluation.rules import RULES, find_rules
from dtf_keras.evaluation.scores import ClipScore, Score
from dtf_keras.evaluation.scoring import score, score_files
from dtf_keras.evaluation.stm import StmRow, read_stm, write_stm
from dtf_keras.evaluation.wer import WordErrors, word_errors
from dtf_keras.evaluation.word_alignment import Pair, align

__all__ = [
    "RULES",
    "CharacterErrors",
    "ClipScore",
    "CtmRow",
    "Pair",
    "Score",
    "ScoringError",
    "StmRow",
    "WordErrors",
    "align",
    "character_errors",
    "check_word",
    "describe",
    "errors_from_dict",
    "find_rules",
    "read_ctm",
    "read_stm",
    "score",
    "score_files",
    "word_errors",
    "write_ctm",
    "write_report",
    "write_stm",
]
