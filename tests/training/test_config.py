import json

import pytest

from dtf_keras.decoding import DecoderOptions
from dtf_keras.input_format import InputFormat
from dtf_keras.training import (
    RunConfig,
    RunFolder,
    SettingError,
    read_config,
    write_config,
)

READS = InputFormat(84, 126, crop=0.875, resize="lanczos")


def test_what_is_written_of_a_run_reads_back_the_same(tmp_path):
    config = RunConfig(model="full_conv_v7", options={"k": 4}, num_clips=9, width=1)
    folder = RunFolder(tmp_path)
    folder.write_config(config, READS, {"backend": "jax"})
    saved = read_config(folder.config)
    assert (saved.config, saved.input_format) == (config, READS)
    assert saved.made_with == {"backend": "jax"}
    assert saved == folder.read_config()
    said = json.loads(folder.config.read_text())
    assert said["format"] == 3
    assert said["input_format"] == READS.to_dict()
    assert said["settings"]["model"] == "full_conv_v7"


@pytest.mark.parametrize(
    "config",
    [
        RunConfig(schedule="step", milestones=(4, 6), freeze=["backbone", "enc*"]),
        RunConfig(frame_size=(84, 126), crop=0.5, resize="lanczos", augment=False),
        RunConfig(decoder=DecoderOptions("beam", 5, merge_repeated_glosses=True)),
    ],
)
def test_settings_alone_read_back_the_same(config, tmp_path):
    write_config(tmp_path / "mine.json", config)
    saved = read_config(tmp_path / "mine.json")
    assert saved.config == config
    assert (saved.input_format, saved.made_with) == (None, {})


def test_lists_become_tuples_and_equal_sides_one_number():
    assert RunConfig(freeze=["backbone", "enc*"]).freeze == ("backbone", "enc*")
    assert RunConfig(frame_size=[84, 126]).frame_size == (84, 126)
    assert RunConfig(frame_size=[84, 84]) == RunConfig(frame_size=84)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"epochs": 3}', RunConfig(epochs=3)),
        ('{"format": 3, "settings": {"epochs": 3}}', RunConfig(epochs=3)),
        ('{"format": 3}', RunConfig()),
        ('{"augment": true}', RunConfig(augment=True)),
        (
            '{"decoder": {"strategy": "beam", "width": 3}}',
            RunConfig(decoder=DecoderOptions("beam", 3)),
        ),
    ],
)
def test_settings_left_out_have_their_defaults(text, expected, tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(text)
    assert read_config(path).config == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"epoch": 3}', "Did you mean epochs"),
        ('{"epochs": "3"}', "expected a whole number"),
        ('{"epochs": 2.5}', "expected a whole number"),
        ('{"epochs": true}', "expected a whole number"),
        ('{"num_clips": "all"}', "a whole number or null"),
        ('{"root": 5}', "a string or null"),
        ('{"augment": "yes"}', "augment is 'yes': expected true or false or null"),
        ('{"augment": []}', "expected true or false or null"),
        ('{"jit_compile": "yes"}', "expected true or false or null"),
        ('{"learning_rate": null}', "expected a number"),
        ('{"precision": "float8"}', "mixed_bfloat16"),
        ('{"options": [1]}', "a JSON object"),
        ('{"epochs": 0}', "epochs must be a whole number from 1"),
        ('{"seed": 4294967296}', "seed must be a number below"),
        ('{"warmup_steps": -1}', "from 0"),
        ('{"frame_size": 0}', "frame_size must be a whole number from 1"),
        ('{"frame_size": [8, 8, 8]}', "a whole number or a pair of whole numbers"),
        ('{"crop": 1.5}', "crop must be a number above 0 and at most 1"),
        ('{"resize": "nearest"}', "one of bilinear, lanczos or null"),
        ('{"schedule": "linear"}', "one of cosine, step"),
        ('{"milestones": [40.5]}', "a list of whole numbers"),
        ('{"milestones": [60, 40]}', "each later than the one before"),
        ('{"milestones": [0, 40]}', "each later than the one before"),
        ('{"milestone_factor": 0}', "above 0 and at most 1"),
        ('{"layer_rates": {"enc*": 0}}', r"layer_rates: enc\* must be a number above"),
        ('{"layer_rates": {"enc*": "slow"}}', "must be a number above 0"),
        ('{"freeze": "backbone"}', "a list of strings"),
        ('{"init_layers": [1]}', "a list of strings"),
        ('{"init_from": 1}', "a string or null"),
        ('{"ema": 1}', "below 1"),
        ('{"l2": -1}', "l2 must be a number at least 0"),
        ('{"decoder": "sampling"}', "strategy of the decoder .* one of greedy, beam"),
        ('{"decoder": {"strategy": "beam", "width": 0}}', "width must be a whole"),
        ('{"decoder": {"width": 3}}', "needs the strategy 'beam'"),
        ('{"decoder": {"widths": 3}}', "no option 'widths' of the decoder"),
        ('{"decoder": 3}', "decoder is 3"),
        ('{"format": 4}', "format 4, .* reads formats up to 3: install a newer one"),
        ('{"format": "x"}', "format 'x'"),
        ('{"format": 3, "epochs": 3}', "no part 'epochs'"),
        ('{"format": 3, "settings": {"augment": "true"}}', "augment is 'true'"),
        ('{"format": 3, "input_format": {"hight": 3}}', "is not an input format"),
        ("[1]", "not a JSON object"),
        ('{"epochs": ', "Expecting value"),
    ],
)
def test_a_wrong_config_file_is_named_with_what_is_wrong(text, message, tmp_path):
    path = tmp_path / "config.json"
    path.write_text(text)
    with pytest.raises(SettingError, match=message) as caught:
        read_config(path)
    assert str(path) in str(caught.value)


def test_differences_name_the_settings():
    assert RunConfig().differences(RunConfig()) == []
    other = RunConfig(epochs=99, seed=99)
    assert RunConfig().differences(other) == ["epochs", "seed"]


def test_config_is_json_able():
    config = RunConfig(decoder=DecoderOptions("beam"))
    said = json.loads(json.dumps(config.to_dict()))
    assert said == config.to_dict()
    assert RunConfig.from_dict(said) == config
