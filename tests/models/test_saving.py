"""Every model survives being written and read by another process."""

import json
import os
import pathlib
import subprocess
import sys

import numpy as np

from dtf_keras import models
from tests.helpers.backends import called
from tests.helpers.small import inputs, shared, small_options

READ = """
import json, pathlib, sys
import keras, numpy as np
import dtf_keras
from dtf_keras import zoo
from tests.helpers.backends import called

folder = pathlib.Path(sys.argv[1])
x = dict(np.load(folder / "inputs.npz"))
for name, options in json.loads((folder / "options.json").read_text()).items():
    whole = keras.saving.load_model(folder / f"{name}.keras")
    assert type(whole).__name__ == "Recognizer", type(whole)
    weights = folder / f"{name}.weights.h5"
    fresh = zoo.get(name, weights=weights, **options)
    np.savez(
        folder / f"{name}.npz",
        keras=called(whole, x),
        weights=called(fresh, x),
    )
"""


def test_keras_and_weights_files_load_in_a_fresh_process(tmp_path):
    x = inputs([18, 11])
    np.savez(tmp_path / "inputs.npz", **x)
    options = {name: small_options(name) for name in models.names()}
    (tmp_path / "options.json").write_text(json.dumps(options))
    for name in options:
        shared(name).save(tmp_path / f"{name}.keras")
        shared(name).save_weights(tmp_path / f"{name}.weights.h5")
    done = subprocess.run(
        [sys.executable, "-c", READ, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(pathlib.Path(__file__).parents[2])},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    for name in options:
        expected = called(shared(name), x)
        for kind, logits in np.load(tmp_path / f"{name}.npz").items():
            np.testing.assert_allclose(
                logits, expected, atol=1e-6, err_msg=f"{name}, {kind}"
            )


def test_keras_loads_a_model_once_the_package_is_imported(tmp_path):
    shared("full_conv_v7").save(tmp_path / "model.keras")
    code = "import sys, keras, dtf_keras; keras.saving.load_model(sys.argv[1])"
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "model.keras")],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_a_compiled_model_goes_on_training_after_loading(tmp_path):
    import keras

    from tests.helpers.small import build

    glosses = np.array([[1, 2], [3, 0]], "int32")
    model = build("full_conv")
    model.compile()
    model.train_on_batch(inputs([16, 12]), glosses)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert int(again.optimizer.iterations) == 1
    expected = model.train_on_batch(inputs([16, 12]), glosses)
    got = again.train_on_batch(inputs([16, 12]), glosses)
    np.testing.assert_allclose(got, expected, rtol=1e-5)
