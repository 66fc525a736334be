"""Scores trained weights on a corpus split and writes what was found."""

import pathlib

from dtf_keras.damage import damage_as, reason
from dtf_keras.data import UNKNOWN, Vocabulary
from dtf_keras.decoding import decode_spans
from dtf_keras.evaluation import (
    StmRow,
    check_word,
    score,
    write_ctm,
    write_report,
    write_stm,
)
from dtf_keras.training.run.checkpoint import load_trained
from dtf_keras.training.run.corpora import for_model, load_split
from dtf_keras.training.run.model import make_model
from dtf_keras.training.run.origin import made_with
from dtf_keras.training.scoring.decoders import make_decoder
from dtf_keras.training.scoring.timed_rows import recognize
from dtf_keras.training.scoring.transcripts import measure
from dtf_keras.training.settings.config import SettingError
from dtf_keras.words import tell

NO_SIGNER = "unknown"  # in files, where a corpus does not say who signs


def evaluate(
    config,
    weights,
    split="dev",
    out=None,
    rules=None,
    input_format=None,
    say=tell,
):
    """Scores trained weights on a split of a corpus.

    Writes `hyp.ctm` and `ref.stm` (what was recognized and what was signed, for
    `score_files` or sclite), `scores.json`, `report.html` and `report.txt`.

    Args:
        config: `RunConfig`; of it the model with its options, width and precision,
            the corpus with its frame size and number of clips, the batch size and the
            decoder.
        weights: the model's `.weights.h5` file. A `glosses.txt` beside it must have
            the glosses of the corpus; it may do without the corpus' `"<unk>"`, which
            such a model never says.
        split: "dev", "test" or "train".
        out: folder to write; by default `evaluation-SPLIT` beside the weights.
        rules: name of the rules; by default those that fit the corpus.
        input_format: `dtf_keras.input_format.InputFormat` that the weights read, as
            their run says; by default that which the model asks for.
        say: function that shows a line of text.

    Returns:
        `dtf_keras.evaluation.Score`, the plain errors that training reports, as
        `measure` gives them, and the path of the folder.

    Raises:
        FileNotFoundError: no such weights, or no such language model.
        SettingError: a model, option or corpus that does not exist, or weights of
            another model, of other glosses or that are not numbers; a decoder that
            cannot be.
        ScoringError: a gloss, id or signer that CTM and STM files cannot hold.
    """
    weights = pathlib.Path(weights)
    if not weights.is_file():
        raise FileNotFoundError(f"There is no weights file {weights}.")
    corpus = load_split(config, split, input_format)
    glosses = _glosses(corpus, weights.with_name("glosses.txt"))
    decode = make_decoder(config.decoder, corpus.vocabulary, decode_spans)
    model = make_model(config, len(glosses) + 1)
    load_trained(model, weights)
    corpus = for_model(config, corpus, model, say)
    folder = pathlib.Path(out or weights.with_name(f"evaluation-{split}"))
    folder.mkdir(parents=True, exist_ok=True)
    # Before the model runs, as a signer or id may be refused.
    references = _references(corpus)
    write_stm(folder / "ref.stm", references)
    title = f"{config.model} on {corpus.name} {split}"
    say(f"{title}: {len(corpus)} clips, {corpus.num_frames} frames")
    if input_format is not None:
        _say_differences(corpus.input_format, input_format, say)
    clips = recognize(model, corpus, config.batch_size, decode, say)
    write_ctm(folder / "hyp.ctm", [row for rows in clips for row in rows])
    transcripts = [[row.gloss for row in rows] for rows in clips]
    ids = [row.clip_id for row in references]
    found = score(
        dict(zip(ids, transcripts, strict=True)),
        {row.clip_id: row.glosses for row in references},
        rules or corpus.facts.rules,
        {row.clip_id: row.signer for row in references},
        say,
    )
    plain = measure(corpus, transcripts)
    about = {
        "model": config.model,
        "weights": weights.name,
        "data": corpus.name,
        "split": split,
        "decoder": config.decoder.to_dict(),
        "input_format": corpus.input_format.to_dict(),
        "plain_wer": plain.to_dict(),
        "made_with": made_with(corpus.version),
        "config": config.to_dict(),
    }
    write_report(folder, found, title, about)
    return found, plain, folder


def _say_differences(now, then, say):
    now, then = now.to_dict(), then.to_dict()
    other = [f"{k} {now[k]}, not {then[k]}" for k in then if now[k] != then[k]]
    if other:
        say(f"NOTE: clips are read otherwise than in training: {'; '.join(other)}")


def _references(corpus):
    return [
        StmRow(
            clip_id=clip.id,
            glosses=tuple(clip.glosses),
            signer=clip.signer or NO_SIGNER,
            end=clip.num_frames / corpus.input_format.frame_rate,
        )
        for clip in corpus.clips
    ]


def _glosses(corpus, path):
    """What the model learnt: checks that it is of the corpus and that files hold it."""
    known = corpus.vocabulary.glosses
    for gloss in known:
        check_word(gloss, f"A gloss of {corpus.name}")
    if not path.is_file():
        return known
    with damage_as(lambda error: SettingError(reason(error))):
        learnt = Vocabulary.from_file(path).glosses
    if known not in (learnt, (*learnt, UNKNOWN)):
        raise SettingError(
            f"{path} has other glosses than {corpus.name}: the classes of these "
            "weights stand for those. Evaluate on the corpus they were trained on."
        )
    return learnt
