import pytest

from dtf_keras import commands
from dtf_keras.benchmarks import BENCHMARKS, layers
from dtf_keras.commands.benchmark import main


def test_help_names_every_benchmark_and_its_flags(capsys):
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(name in text for name in BENCHMARKS)
    with pytest.raises(SystemExit) as caught:
        main(["layers", "--help"])
    assert caught.value.code == 0
    assert "--frames" in capsys.readouterr().out


def test_flags_reach_the_benchmark(monkeypatch):
    seen = []
    monkeypatch.setattr(layers, "run", seen.append)
    flags = ["--frames", "20", "40", "--window", "4", "--no-loop"]
    assert commands.main(["benchmark", "layers", *flags]) == 0
    assert seen == [layers.Arguments(frames=(20, 40), window=4, loop=False)]


@pytest.mark.parametrize("argv", [[], ["no-such"]])
def test_a_benchmark_that_does_not_exist_is_usage_status_2(argv):
    assert main(argv) == 2


def test_a_setting_that_cannot_be_is_usage_status_2():
    with pytest.raises(SystemExit) as caught:
        main(["layers", "--frames", "3"])
    assert caught.value.code == 2


@pytest.mark.parametrize(
    "argv",
    [
        ["models", "--models", "full_cony"],
        ["gpu", "--cpu", "--models", "full_cony"],
        ["train", "--model", "full_cony"],
    ],
)
def test_an_unknown_model_is_one_sentence(argv, capsys):
    assert main(argv) == 1
    assert capsys.readouterr().err.startswith("error: There is no model 'full_cony'.")
