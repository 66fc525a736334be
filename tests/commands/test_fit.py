import dataclasses

import pytest

from dtf_keras import commands
from dtf_keras.commands.fit import main, parse
from dtf_keras.decoding import DecoderOptions
from dtf_keras.input_format import InputFormat
from dtf_keras.training import RunConfig, RunFolder, SettingError, recipes
from dtf_keras.training.settings.config import smoke_of

READS = InputFormat(32, 32)


def test_no_arguments_are_the_default_run():
    arguments = parse([])
    assert arguments.run == recipes.base()
    assert arguments.out is None


def test_help_names_every_setting(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    names = [setting.name for setting in dataclasses.fields(RunConfig)]
    names += [f"decoder.{option.name}" for option in dataclasses.fields(DecoderOptions)]
    for name in names:
        assert f"--{name.replace('_', '-')}" in text
    for flag in ("--config", "--resume", "--tensorboard", "--smoke", "--out"):
        assert flag in text


def test_flags_override_a_config_file(tmp_path):
    folder = RunFolder(tmp_path)
    folder.write_config(RunConfig(epochs=3, seed=5, options={"k": 4}), READS, {})
    run = parse(["--config", str(folder.config), "--seed", "6"]).run
    assert run == RunConfig(epochs=3, seed=6, options={"k": 4})
    run = parse([f"--config={folder.config}", "--options", '{"k": 8}']).run
    assert run.options == {"k": 8}


def test_flags_override_smoke():
    assert parse(["--smoke"]).run == smoke_of(parse([]).run)
    expected = smoke_of(recipes.base(model="full_conv"))
    expected = dataclasses.replace(expected, epochs=7)
    assert parse(["--smoke", "--epochs", "7", "--model", "full_conv"]).run == expected


def test_a_recorded_corpus_begins_with_its_own_settings(tmp_path):
    run = parse(["--data", "phoenix2014", "--root", "corpus.h5"]).run
    assert (run.data, run.root, run.frame_size, run.width) == (
        "phoenix2014",
        "corpus.h5",
        112,
        1.0,
    )
    assert parse(["--data=phoenix2014", "--width", "0.5"]).run.width == 0.5
    smoke = parse(["--smoke", "--data", "phoenix2014"]).run
    assert smoke == smoke_of(recipes.base("phoenix2014"))
    folder = RunFolder(tmp_path)
    folder.write_config(run, READS, {})
    assert parse(["--config", str(folder.config)]).run == run


def test_a_recorded_corpus_begins_as_the_source_of_the_model_did():
    run = parse(["--data", "phoenix2014", "--model", "vac"]).run
    assert run == recipes.base("phoenix2014", "vac")
    assert (run.frame_size, run.l2, run.decoder.width) == (224, 1e-4, 10)


def test_flags_have_the_types_of_their_settings():
    run = parse(["--frame-size", "84", "126", "--augment", "false"]).run
    assert (run.frame_size, run.augment, run.jit_compile) == ((84, 126), False, None)
    run = parse(["--smoke", "--augment", "auto", "--jit-compile", "true"]).run
    assert (run.augment, run.jit_compile) == (None, True)
    run = parse(["--crop", "0.75", "--resize", "lanczos", "--frame-size", "84"]).run
    assert (run.crop, run.resize, run.frame_size) == (0.75, "lanczos", 84)


def test_a_decoder_is_chosen_as_in_every_command():
    beam = ["--decoder.strategy", "beam", "--decoder.width", "5"]
    run = parse([*beam, "--decoder.merge-repeated-glosses"]).run
    assert run.decoder == DecoderOptions("beam", 5, merge_repeated_glosses=True)
    recorded = ["--data", "phoenix2014", "--decoder.strategy", "greedy"]
    assert parse(recorded).run.decoder == DecoderOptions(merge_repeated_glosses=True)


def test_a_recipe_is_the_base_that_flags_override():
    argv = ["--recipe", "full_conv_v5/frozen_backbone"]
    assert parse(argv).run == recipes.get("full_conv_v5/frozen_backbone")
    run = parse([*argv, "--data", "phoenix2014", "--epochs", "3", "--freeze"]).run
    assert (run.model, run.data, run.schedule) == (
        "full_conv_v5",
        "phoenix2014",
        "step",
    )
    assert (run.epochs, run.freeze, run.milestones) == (3, (), (40, 60))
    run = parse([*argv, "--init-from", "there", "--layer-rates", '{"enc*": 2}']).run
    assert (run.init_from, run.layer_rates) == ("there", {"enc*": 2})


def test_recipe_list_shows_all_recipes(capsys):
    assert main(["--recipe", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == recipes.list()


def test_resume_takes_no_other_settings(tmp_path):
    folder = RunFolder(tmp_path)
    folder.write_config(RunConfig(epochs=3), READS, {})
    assert parse(["--resume", str(tmp_path)]).run == RunConfig(epochs=3)
    assert parse(["--resume", str(tmp_path), "--epochs", "3"]).resume == tmp_path
    assert parse(["--resume", str(tmp_path), "--tensorboard"]).tensorboard
    with pytest.raises(SettingError, match="without --batch-size"):
        parse(["--resume", str(tmp_path), "--batch-size", "3"])
    with pytest.raises(SettingError, match="without --decoder"):
        parse(["--resume", str(tmp_path), "--decoder.strategy", "beam"])
    with pytest.raises(SettingError, match="without --out"):
        parse(["--resume", str(tmp_path), "--out", "elsewhere"])


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--config", "nowhere.json"], "no config file nowhere.json"),
        (["--resume", "nowhere"], "nowhere is not a run folder"),
        (["--smoke", "--resume", "nowhere"], "exclude each other"),
        (["--smoke", "--recipe", "full_conv"], "exclude each other"),
        (["--recipe", "full_conv_v5/lenvideo"], "Did you mean full_conv_v5/len_video"),
        (["--data", "phoenix"], "no corpus 'phoenix'. Did you mean phoenix2014"),
        (["--epochs", "0"], "epochs must be a whole number from 1"),
        (["--decoder.width", "3"], "width=3 needs the strategy 'beam'"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_status_1(argv, message, capsys):
    assert main(argv) == 1
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error


@pytest.mark.parametrize(
    "argv",
    [
        ["--epochs", "many"],
        ["--augment", "yes"],
        ["--frame-size", "1", "2", "3"],
        ["--options", "[1]"],
        ["--epoch", "3"],
    ],
)
def test_a_wrong_flag_is_usage_status_2(argv, capsys):
    with pytest.raises(SystemExit) as caught:
        main(argv)
    assert caught.value.code == 2


def test_console_command_finds_its_sub_commands(capsys):
    assert commands.main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(name in text for name in commands.COMMANDS)
    assert commands.main(["no-such"]) == 2
    assert commands.main(["fit", "--config", "nowhere.json"]) == 1
    with pytest.raises(SystemExit):
        commands.main(["leaderboard", "--help"])
