"""Scores hypotheses as NIST sclite does, by the rules of a corpus."""

from collections.abc import Mapping

from dtf_keras.eta import said, silent
from dtf_keras.evaluation.errors import ScoringError
from dtf_keras.evaluation.hypotheses import read_hypotheses
from dtf_keras.evaluation.lines import check_word
from dtf_keras.evaluation.rules import find_rules
from dtf_keras.evaluation.scores import ClipScore, Score
from dtf_keras.evaluation.stm import StmRow, read_stm
from dtf_keras.words import composed, quoted, tell


def score(hypotheses, references, rules="phoenix2014", signers=None, say=silent):
    """Scores lists of glosses.

    The result is that of `score_files` for a CTM file with one gloss a line. A clip
    of the references that the hypotheses lack counts as one in which nothing was
    recognized; `Score.missing` names it.

    It differs from plain WER (`word_errors`, by jiwer) in three ways. Costs are 4 for
    a substitution and 3 for a deletion or an insertion, not 1 each: where the
    alignments differ, sclite finds more errors, and mostly on poor output. Of equally
    good alignments it takes one of its own, so that even equal totals split
    otherwise. And it compares words by `spelling`: case does not count.

    Args:
        hypotheses: dict from clip id to the list of glosses recognized.
        references: dict from clip id to the list of glosses signed, in which
            `{ B / C }` accepts either.
        rules: "phoenix2014", "phoenix2014t", "plain" or "characters", see `RULES`.
        signers: dict from clip id to who signs, for results by signer.
        say: function that shows a line of text, now and then, with the time to go.

    Returns:
        `Score`.

    Raises:
        ScoringError: a hypothesis of a clip that the references lack, a gloss with
            blanks in it, no gloss signed at all, or no such rules.
        TypeError: no dict, or a clip is a string rather than a list of glosses.

    Example:

    >>> signed = {"a": ["NORD", "REGEN"], "b": ["SUED", "WIND"]}
    >>> found = score({"a": ["loc-NORD", "WIND"]}, signed)
    >>> found.utterances["a"]
    ClipCounts(correct=1, substitutions=1, deletions=0, insertions=0)
    >>> found.wer, found.missing, found.hypotheses["b"]
    (75.0, ['b'], ['[EMPTY]'])
    """
    rules = find_rules(rules)
    signers = {composed(clip): signer for clip, signer in (signers or {}).items()}
    rows = [
        StmRow(clip_id, glosses, signers.get(clip_id))
        for clip_id, glosses in _checked(references)
    ]
    words = {}
    for clip_id, glosses in _checked(hypotheses):
        if rules.clean_line is not None:
            glosses = filter(None, map(rules.clean_line, glosses))
        words[clip_id, "1"] = list(glosses)
    return _score(words, rows, rules, say)


def score_files(hypothesis_ctm, reference_stm, rules="phoenix2014", say=tell):
    """Scores a CTM file against an STM file; either may be in gzip.

    Args:
        hypothesis_ctm: path of what was recognized.
        reference_stm: path of what was signed; its signers are in the result.
        rules: as for `score`; by "phoenix2014" the result is that of the official
            evaluation.
        say: function that shows a line of text: letters of another Unicode form than
            NFC, in which both files are compared, and now and then how much is done,
            with the time to go.

    Returns:
        `Score`.

    Raises:
        FileNotFoundError: a file is not there.
        ScoringError: a clip or channel that the reference lacks, or a line that is
            no row; no gloss signed at all, or no such rules.
    """
    rules = find_rules(rules)
    rows = list(read_stm(reference_stm, say).values())
    words = read_hypotheses(hypothesis_ctm, rules, say)
    try:
        return _score(words, rows, rules, say)
    except ScoringError as error:
        files = f"{hypothesis_ctm} against {reference_stm}"
        raise ScoringError(f"{files}: {error}") from error


def _score(words, rows, rules, say):
    """Scores the words of each (clip id, channel) against the `StmRow`s."""
    known = {(row.clip_id, row.channel) for row in rows}
    for clip_id, channel in words:
        if (clip_id, channel) not in known:
            raise ScoringError(
                f"the hypothesis has clip {clip_id}, channel {channel}, and the "
                "reference has not: give the reference of the same split, all of it."
            )
    clips = tuple(
        _clip(row, words.get((row.clip_id, row.channel)), rules)
        for row in said(rows, "  aligned {done} of {total} clips", say)
        if not row.ignored
    )
    if not any(pair.reference for clip in clips for pair in clip.pairs):
        raise ScoringError("the reference has no glosses: there is nothing to score.")
    return Score(rules.name, clips)


def _clip(row, words, rules):
    reference, hypothesis = row.glosses, words or []
    if rules.clean_glosses is not None:
        reference = rules.clean_glosses(reference)
        hypothesis = rules.clean_glosses(hypothesis)
    if not hypothesis and rules.empty is not None:
        hypothesis = [rules.empty]
    try:
        pairs = tuple(rules.align(reference, hypothesis))
    except ScoringError as error:
        raise ScoringError(f"clip {row.clip_id}: {error}") from error
    return ClipScore(row.clip_id, row.signer, pairs, tuple(hypothesis), words is None)


def _checked(clips):
    """The clips of a dict with their glosses as tuples."""
    if not isinstance(clips, Mapping):
        raise TypeError(
            "Expected a dict from clip id to the list of its glosses, not "
            f"{quoted(clips)}."
        )
    for clip_id, glosses in clips.items():
        if isinstance(glosses, str):
            raise TypeError(
                f"Clip {clip_id} is the string {quoted(glosses)}: give a list of "
                "glosses, for example by `.split()`."
            )
        glosses = tuple(glosses)
        for gloss in glosses:
            check_word(gloss, f"A gloss of clip {clip_id}")
        yield composed(clip_id), tuple(map(composed, glosses))
