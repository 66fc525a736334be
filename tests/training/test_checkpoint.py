import h5py
import keras
import numpy as np
import pytest

from dtf_keras.training import SettingError
from dtf_keras.training.run.checkpoint import load_state, save_state


def noisy_model():
    model = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dropout(0.5, seed=1),
            keras.layers.Dense(1, name="last"),
        ]
    )
    model.compile(optimizer="adam", loss="mse")
    return model


def train(model, steps):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(8, 4)), rng.normal(size=(8, 1))
    return [float(model.train_on_batch(x, y)) for _ in range(steps)]


def test_training_goes_on_with_the_same_weights_optimiser_and_dropout(tmp_path):
    keras.utils.set_random_seed(3)
    model = noisy_model()
    train(model, 3)
    save_state(model, tmp_path / "a.weights.h5", epochs_done=3)
    expected = train(model, 4)

    keras.utils.set_random_seed(4)
    other = noisy_model()
    assert load_state(other, tmp_path / "a.weights.h5") == 3
    assert train(other, 4) == expected


def test_plain_weights_are_not_taken_for_a_training_state(tmp_path):
    model = noisy_model()
    model.save_weights(tmp_path / "plain.weights.h5")
    with pytest.raises(SettingError, match="no training state"):
        load_state(model, tmp_path / "plain.weights.h5")


@pytest.mark.parametrize(
    ("group", "part"),
    [("layers/dense/vars", "its layer 'last'"), ("optimizer/vars", "its optimizer")],
)
def test_a_training_state_that_is_not_finite_is_refused(tmp_path, group, part):
    model = noisy_model()
    train(model, 1)
    save_state(model, tmp_path / "a.weights.h5", epochs_done=1)
    with h5py.File(tmp_path / "a.weights.h5", "a") as file:
        last = list(file[group].values())[-1]
        last[...] = np.full(last.shape, np.nan)
    with pytest.raises(SettingError, match=f"NaN or infinite, in {part}: its training"):
        load_state(noisy_model(), tmp_path / "a.weights.h5")


def test_a_failed_save_leaves_the_file_before_it(tmp_path, monkeypatch):
    model = noisy_model()
    path = tmp_path / "a.weights.h5"
    save_state(model, path, epochs_done=1)
    before = path.read_bytes()

    def break_off(part):
        part.write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(model, "save_weights", break_off)
    with pytest.raises(OSError, match="disk full"):
        save_state(model, path, epochs_done=2)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.weights.h5"]
