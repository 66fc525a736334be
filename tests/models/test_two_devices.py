import json
import os
import pathlib
import subprocess
import sys

import keras
import pytest

HERE = pathlib.Path(__file__).parent


@pytest.mark.skipif(
    keras.backend.backend() == "torch",
    reason="Keras spreads a model over devices on TensorFlow and JAX only",
)
def test_two_devices_give_the_numbers_of_one():
    path = str(HERE.parents[1])
    done = subprocess.run(
        [
            sys.executable,
            str(HERE.parents[0] / "helpers" / "two_devices.py"),
            "full_conv_v7",
        ],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    one, two = json.loads(done.stdout)
    assert one["before"]["infeasible_clips"] == 2
    assert two["before"] == pytest.approx(one["before"], rel=1e-4)
    # On TensorFlow each device takes its own batch statistics, on JAX both together.
    rel = 1e-4 if keras.backend.backend() == "jax" else 1e-2
    assert two["after"] == pytest.approx(one["after"], rel=rel)
    assert one["after"]["loss"] < one["before"]["loss"]
