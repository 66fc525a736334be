"""Small runs on one device, on virtual ones and as one of several processes.

A process of its own, as a backend fixes its devices when it starts:
`python -m tests.helpers.shared_run FOLDER`.
"""

import dataclasses
import json
import os
import pathlib
import sys

import keras
import pytest

from dtf_keras import training
from dtf_keras.training.run import fitting
from tests.helpers import coloured_frames

PROCESSES = "KERAS_DISTRIBUTION_NUM_PROCESSES"
VIRTUAL = 3


class StoppedError(Exception):
    """The run ends before its time."""


class StopAfter(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch == 0:
            raise StoppedError


def without_dropout(*args, **options):
    model = coloured_frames.build_small_model(*args, **options)
    for layer in model.layers:
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0
    return model


def make_virtual_devices():
    if keras.backend.backend() == "jax":
        flags = os.environ.get("XLA_FLAGS", "")
        count = f"--xla_force_host_platform_device_count={VIRTUAL}"
        os.environ["XLA_FLAGS"] = f"{flags} {count}"
    else:
        import tensorflow as tf

        cpu = tf.config.list_physical_devices("CPU")[0]
        devices = [tf.config.LogicalDeviceConfiguration()] * VIRTUAL
        tf.config.set_logical_device_configuration(cpu, devices)


def stop_after_an_epoch(config, folder):
    made = fitting._callbacks
    with pytest.MonkeyPatch.context() as patch:
        stopped = [StopAfter()]
        patch.setattr(fitting, "_callbacks", lambda *args: made(*args) + stopped)
        with pytest.raises(StoppedError):
            training.fit(config, folder, devices="all")


def main(folder):
    config = dataclasses.replace(
        coloured_frames.CONFIG, batch_size=12, epochs=2, num_clips=24
    )
    if int(os.environ[PROCESSES]) > 1:
        training.fit(config, folder / "processes")
        return
    make_virtual_devices()
    training.fit(config, folder / "one")
    training.fit(config, folder / "three", devices="all")
    # In one process TensorFlow shares between as many as the first time.
    stop_after_an_epoch(config, folder / "continued")
    training.resume(folder / "continued")
    print(json.dumps({"three": VIRTUAL, "continued": 1}))


if __name__ == "__main__":
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dtf_keras.zoo.get", without_dropout)
        coloured_frames.register(patch)
        main(pathlib.Path(sys.argv[1]))
