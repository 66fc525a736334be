import pytest

from dtf_keras import models, zoo
from dtf_keras.training import RunConfig, SettingError
from dtf_keras.tuning.space import search_space, with_values

SMALL = {"num_classes": 6, "frame_size": 32, "width": 0.0625}


@pytest.mark.parametrize("name", models.names())
def test_every_choice_of_a_model_is_one_it_can_have(name):
    config = models.make_config(name)
    for option, values in models.choices(name).items():
        assert getattr(config, option) in values
    for end in (0, -1):
        options = {name: values[end] for name, values in models.choices(name).items()}
        model = zoo.get(name, weights=None, **SMALL, **options)
        assert model.heads["logits"].shape[-1] == 6


@pytest.mark.parametrize("name", models.names())
def test_the_space_has_the_options_of_the_model_and_what_any_run_has(name):
    space = search_space(RunConfig(model=name))
    names = {"learning_rate", "width", "weight_decay", *models.choices(name)}
    assert set(space.values) == names


def test_what_is_given_or_kept_is_not_searched():
    config = RunConfig(model="full_conv_v5", options={"window": 12})
    space = search_space(config, keep=("width", "weight_decay"))
    assert set(space.values) == {"learning_rate", "residual"}
    with pytest.raises(SettingError, match="no setting 'heads' of the search"):
        search_space(config, keep=("heads",))
    with pytest.raises(SettingError, match="nothing to search"):
        search_space(
            config, keep=("width", "weight_decay", "learning_rate", "residual")
        )


@pytest.mark.parametrize("name", models.names())
def test_what_keras_tuner_gives_is_what_the_model_takes(name):
    config = RunConfig(model=name)
    trial = with_values(config, search_space(config).values)
    for option, value in trial.options.items():
        assert type(value) is type(models.choices(name)[option][0])
    models.make_config(name, **trial.options)


def test_values_go_where_they_belong():
    config = RunConfig(model="full_conv_v6", options={"residual": True}, epochs=9)
    values = {"window": 8, "width": 0.125, "tuner/epochs": 3, "tuner/round": 0}
    trial = with_values(config, values, epochs=3)
    assert trial.options == {"residual": True, "window": 8}
    assert (trial.width, trial.epochs) == (0.125, 3)
    assert with_values(config, values).epochs == 9
