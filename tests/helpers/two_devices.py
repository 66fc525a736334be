"""Trains a small model on one and on two virtual devices; prints both as JSON.

A process of its own, as a backend fixes its devices when it starts:
`python two_devices.py NAME`.
"""

import contextlib
import json
import os
import sys

if os.environ["KERAS_BACKEND"] == "jax":
    os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=2"

import keras
import numpy as np

from tests.helpers.small import build, draws_nothing, inputs

LENGTHS = [16, 12, 14, 9, 16, 9, 13, 8]
# Two equal glosses do not fit into two steps: the clips 5 and 7 are left out.
GLOSSES = [[1, 2], [3, 0], [4, 0], [5, 1], [1, 2], [3, 3], [2, 0], [4, 4]]


def main(name):
    if keras.backend.backend() == "jax":
        two = keras.distribution.DataParallel().scope
    else:
        import tensorflow as tf

        cpu = tf.config.list_physical_devices("CPU")[0]
        devices = [tf.config.LogicalDeviceConfiguration()] * 2
        tf.config.set_logical_device_configuration(cpu, devices)
        two = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope
    return [_trained(name, scope) for scope in (contextlib.nullcontext, two)]


def _trained(name, scope):
    x, y = inputs(LENGTHS), np.array(GLOSSES, "int32")
    with scope():
        model = build(name, **draws_nothing(name))
        model.compile(keras.optimizers.SGD(1e-2))
        before = model.evaluate(x, y, batch_size=4, verbose=0, return_dict=True)
        model.fit(x, y, batch_size=4, shuffle=False, verbose=0)
        after = model.evaluate(x, y, batch_size=4, verbose=0, return_dict=True)
    return {"before": before, "after": after}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
