"""On JAX and PyTorch nothing imports TensorFlow, which need not be installed."""

import os
import pathlib
import subprocess
import sys

import keras
import pytest

ROOT = pathlib.Path(__file__).parents[2]
SCRIPT = """
import sys
sys.modules["tensorflow"] = None  # an import of it fails, as where it is not installed

import dataclasses
import pathlib
import pytest
from dtf_keras import data, training, tuning
from dtf_keras.commands.trained_model import load_model
from tests.helpers import coloured_frames

out, patch = pathlib.Path(sys.argv[1]), pytest.MonkeyPatch()
patch.setattr("dtf_keras.zoo.get", coloured_frames.build_small_model)
coloured_frames.register(patch)
config = dataclasses.replace(coloured_frames.CONFIG, epochs=2, num_clips=16, ema=0.5)
run = training.fit(config, out / "run", tensorboard=True)
(out / "run" / "metrics.json").unlink()
run = training.resume(out / "run")
training.evaluate(run.read_config().config, run.best_weights, "test")
model = load_model("any", run=run.path)
print(model.recognize(data.load("coloured_frames", "dev").frames(0)))
settings = tuning.SearchSettings("bayesian", 1, keep=("width", "weight_decay"))
tuning.search(config, settings, out / "search")
names = [name for name in sys.modules if name.startswith("tensorflow.")]
print("all done, imported:", names)
"""


@pytest.mark.skipif(keras.backend.backend() == "tensorflow", reason="it needs itself")
def test_runs_are_trained_scored_and_tuned_without_it(tmp_path):
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)],
        capture_output=True,
        text=True,
        env=env,
    )
    assert done.stdout.endswith("all done, imported: []\n"), done.stderr
