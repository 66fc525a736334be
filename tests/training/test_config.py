import json

import pytest

from dtf_keras.training import RunConfig, RunFolder, SettingError, read_config


def test_a_written_config_reads_back_the_same(tmp_path):
    config = RunConfig(model="full_conv_v7", options={"k": 4}, num_clips=9, width=1)
    folder = RunFolder(tmp_path)
    folder.write_config(config, {"backend": "jax"})
    assert read_config(folder.config) == (config, {"backend": "jax"})


def test_lists_read_back_as_they_were(tmp_path):
    config = RunConfig(schedule="step", milestones=(4, 6), freeze=["backbone", "enc*"])
    folder = RunFolder(tmp_path)
    folder.write_config(config, {})
    assert read_config(folder.config)[0] == config
    assert config.freeze == ("backbone", "enc*")


def test_settings_left_out_have_their_defaults(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text('{"epochs": 3}')
    assert read_config(path)[0] == RunConfig(epochs=3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"epoch": 3}', "did you mean 'epochs'"),
        ('{"epochs": "3"}', "expected a whole number"),
        ('{"epochs": 2.5}', "expected a whole number"),
        ('{"epochs": true}', "expected a whole number"),
        ('{"num_clips": "all"}', "a whole number or null"),
        ('{"root": 5}', "a string or null"),
        ('{"augment": "yes"}', "auto, true, false"),
        ('{"learning_rate": null}', "expected a number"),
        ('{"precision": "float8"}', "mixed_bfloat16"),
        ('{"options": [1]}', "a JSON object"),
        ('{"epochs": 0}', "must be more than 0"),
        ('{"warmup_steps": -1}', "0 or more"),
        ('{"schedule": "linear"}', "one of cosine, step"),
        ('{"milestones": [40.5]}', "a list of whole numbers"),
        ('{"milestones": [60, 40]}', "each later than the one before"),
        ('{"milestones": [0, 40]}', "each later than the one before"),
        ('{"milestone_factor": 0}', "above 0 and at most 1"),
        ('{"layer_rates": {"enc*": 0}}', "factors more than 0"),
        ('{"layer_rates": {"enc*": "slow"}}', "factors more than 0"),
        ('{"freeze": "backbone"}', "a list of strings"),
        ('{"init_layers": [1]}', "a list of strings"),
        ('{"init_from": 1}', "a string or null"),
        ('{"ema": 1}', "less than 1"),
        ('{"decoder": "sampling"}', "one of greedy, beam"),
        ('{"beam_width": 0}', "more than 0"),
        ('{"merge_repeats": true}', "one of true, false"),
        ('{"ctc_lengths": "own"}', "one of true, padded"),
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
    assert json.loads(json.dumps(RunConfig().to_dict())) == RunConfig().to_dict()
