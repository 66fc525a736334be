import dataclasses
import json
import shutil

import keras
import numpy as np
import pytest

from dtf_keras import data, training
from dtf_keras.commands.evaluate import main
from dtf_keras.decoding import DecoderOptions
from dtf_keras.evaluation import ScoringError, read_ctm, read_stm, score_files
from dtf_keras.input_format import InputFormat
from dtf_keras.training import SettingError
from dtf_keras.training.run.model import make_model
from tests.helpers import coloured_frames

pytestmark = pytest.mark.usefixtures("small_model", "small_config")
FILES = ["hyp.ctm", "ref.stm", "report.html", "report.txt", "scores.json"]


@pytest.fixture
def run(trained_run, tmp_path):
    return training.RunFolder(shutil.copytree(trained_run, tmp_path / "run"))


def test_a_run_is_scored_as_its_training_reports_it(run, capsys):
    measured = run.read_metrics()["wer"]
    capsys.readouterr()
    for split in ("dev", "test"):
        assert main(["--run", str(run.path), "--split", split]) == 0
        out = capsys.readouterr().out
        assert f"full_conv_v10 on coloured_frames {split}: 8 clips" in out
        assert "by the rules plain" in out
        folder = run.path / f"evaluation-{split}"
        assert sorted(path.name for path in folder.iterdir()) == FILES
        scores = json.loads((folder / "scores.json").read_text())
        assert scores["plain_wer"] == measured[split]
        assert f"plain WER, as in training: {measured[split]['wer']:.1f} %" in out
        assert scores["counts"]["wrd"] == measured[split]["reference_glosses"]
        assert scores["counts"]["corr"] > 0
        assert scores["made_with"]["backend"] == keras.backend.backend()


def test_written_files_score_as_the_transcripts(run, tmp_path):
    config = run.read_config().config
    found, _, folder = training.evaluate(
        config, run.best_weights, out=tmp_path / "new" / "out", rules="phoenix2014"
    )
    assert folder == tmp_path / "new" / "out"
    files = score_files(folder / "hyp.ctm", folder / "ref.stm", "phoenix2014")
    assert files.utterances == found.utterances
    assert files.speakers == found.speakers
    assert list(found.speakers) == ["anyone"]


def test_times_lie_within_the_clip_and_in_order(run):
    main(["--run", str(run.path)])
    dev = data.load("coloured_frames", "dev")
    rows = read_ctm(run.path / "evaluation-dev" / "hyp.ctm")
    assert {row.clip_id for row in rows} <= {clip.id for clip in dev.clips}
    seconds = dev.clips[0].num_frames / dev.input_format.frame_rate
    for clip in dev.clips:
        ends = [0.0]
        for row in rows:
            if row.clip_id == clip.id:
                assert row.start >= ends[-1] - 0.001
                assert 0 < row.confidence <= 1
                ends.append(row.start + row.duration)
        assert ends[-1] <= seconds + 0.001
    references = read_stm(run.path / "evaluation-dev" / "ref.stm")
    assert references["dev-0"].glosses == dev.clips[0].glosses
    assert references["dev-0"].end == pytest.approx(seconds)


def test_a_model_is_scored_by_its_weights_alone(run, tmp_path):
    weights = tmp_path / "mine.weights.h5"
    weights.write_bytes(run.best_weights.read_bytes())
    argv = ["--model", "full_conv", "--weights", str(weights), "--num-clips", "3"]
    assert main([*argv, "--data", "coloured_frames", "--rules", "phoenix2014t"]) == 0
    scores = json.loads((tmp_path / "evaluation-dev" / "scores.json").read_text())
    assert scores["counts"]["snt"] == 3
    assert scores["rules"] == "phoenix2014t"


def test_weights_of_other_glosses_are_refused(run, capsys):
    run.glosses.write_text("A\nB\nD\nC\n")
    assert main(["--run", str(run.path)]) == 1
    assert "other glosses than coloured_frames" in capsys.readouterr().err


def test_weights_of_another_model_are_refused(run, small_config, monkeypatch):
    def other_model(name, weights, **options):
        inputs = keras.Input((3,))
        hidden = keras.layers.Dense(7, name="another")(inputs)
        outputs = keras.layers.Dense(5, name="last")(hidden)
        return keras.Model(inputs, outputs, name=name)

    monkeypatch.setattr("dtf_keras.zoo.get", other_model)
    with pytest.raises(SettingError, match=r"best\.weights\.h5 does not fit full_conv"):
        training.evaluate(small_config, run.best_weights)


def test_glosses_a_ctm_file_cannot_hold_are_refused_before_the_model_runs(
    small_config, run, tmp_path, monkeypatch
):
    def with_blanks(split, frame_size=32, num_clips=None):
        corpus = coloured_frames.coloured_frames(split, frame_size, num_clips)
        corpus.vocabulary = data.Vocabulary(["NOT NOW", "B", "C", "D"])
        return corpus

    coloured_frames.register(monkeypatch, with_blanks)
    with pytest.raises(ScoringError, match="gloss of coloured_frames is 'NOT NOW'"):
        training.evaluate(small_config, run.best_weights, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_run_without_weights_is_refused(small_config, tmp_path, capsys):
    training.RunFolder(tmp_path).write_config(small_config, InputFormat(32, 32), {})
    assert main(["--run", str(tmp_path)]) == 1
    assert "has no weights yet" in capsys.readouterr().err


def test_a_beam_search_is_chosen_by_its_flags(run, tmp_path, capsys):
    argv = ["--run", str(run.path), "--out", str(tmp_path)]
    assert main([*argv, "--decoder.strategy", "beam", "--decoder.width", "5"]) == 0
    scores = json.loads((tmp_path / "scores.json").read_text())
    assert scores["decoder"]["strategy"] == "beam"
    assert scores["decoder"]["width"] == 5
    assert scores["counts"]["corr"] > 0
    capsys.readouterr()
    assert main([*argv, "--decoder.language-model", "nowhere.arpa"]) == 1
    assert "needs the strategy 'beam'" in capsys.readouterr().err
    assert main([*argv, "--decoder.strategy", "beam", "--decoder.width", "0"]) == 1
    assert "width must be a whole number from 1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        ([], {"strategy": "beam", "width": 3, "merge_repeated_glosses": True}),
        (["--decoder.width", "7"], {"strategy": "beam", "width": 7}),
        (
            ["--decoder.strategy=greedy"],
            {"strategy": "greedy", "merge_repeated_glosses": True},
        ),
        (["--decoder.no-merge-repeated-glosses"], {"merge_repeated_glosses": False}),
    ],
)
def test_a_run_is_decoded_as_in_training_unless_told(argv, expected, run, tmp_path):
    saved = run.read_config()
    decoder = DecoderOptions("beam", 3, merge_repeated_glosses=True)
    config = dataclasses.replace(saved.config, decoder=decoder)
    run.write_config(config, saved.input_format, saved.made_with)
    assert main(["--run", str(run.path), "--out", str(tmp_path / "out"), *argv]) == 0
    scores = json.loads((tmp_path / "out" / "scores.json").read_text())
    assert scores["decoder"].items() >= expected.items()


def test_clips_that_are_read_otherwise_than_in_training_are_said(run, capsys):
    saved = run.read_config()
    other = dataclasses.replace(saved.input_format, frame_rate=12.5)
    run.write_config(saved.config, other, saved.made_with)
    assert main(["--run", str(run.path)]) == 0
    line = "NOTE: clips are read otherwise than in training: frame_rate 25.0, not 12.5"
    assert line in capsys.readouterr().out.splitlines()


def test_another_corpus_is_read_as_the_weights_read_theirs(run, monkeypatch):
    saved = run.read_config()
    crop = dataclasses.replace(saved.config, crop=0.5, data="table", root="x")
    run.write_config(crop, InputFormat(32, 32, crop=0.5), saved.made_with)
    given = []
    monkeypatch.setattr(training, "evaluate", lambda *all: given.extend(all) or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        main(["--run", str(run.path), "--data", "coloured_frames"])
    config, *_, input_format, _ = given
    assert (config.data, config.root, config.crop) == ("coloured_frames", None, None)
    assert input_format == InputFormat(32, 32, crop=0.5)


def test_settings_of_a_model_do_not_go_with_a_run(run, capsys):
    assert main(["--run", str(run.path), "--options", '{"k": 4}']) == 1
    assert "--options does not go with --run" in capsys.readouterr().err


def test_weights_that_are_no_numbers_are_refused(run, capsys):
    model = make_model(run.read_config().config, 5)
    model.set_weights([np.full_like(weight, np.nan) for weight in model.get_weights()])
    model.save_weights(run.best_weights)
    capsys.readouterr()
    assert main(["--run", str(run.path)]) == 1
    assert "best.weights.h5 holds weights that are NaN" in capsys.readouterr().err
