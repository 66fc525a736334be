"""Devices that share batches on TensorFlow."""

import json
import os

import numpy as np
import tensorflow as tf
from keras import ops

from dtf_keras.data.batches.dataset import replica_dataset
from dtf_keras.data.batches.sharing import Sharing
from dtf_keras.training.devices.environment import ADDRESSES, this_process, wanted_of
from dtf_keras.training.devices.one_device import OneDevice
from dtf_keras.training.devices.results import as_text, joined
from dtf_keras.training.settings.checks import SettingError


class DevicesOnTensorFlow(OneDevice):
    """`tf.distribute`: every device has a replica of the model and its own rows."""

    def __init__(self, wanted, processes):
        self.processes, number = processes, 0
        if processes > 1:
            number, addresses = this_process(processes)
            if len(addresses) != processes:
                raise SettingError(
                    f"{ADDRESSES} names {len(addresses)} processes of {processes}: on "
                    "TensorFlow it names them all."
                )
            task = {"type": "worker", "index": number}
            cluster = {"cluster": {"worker": addresses}, "task": task}
            os.environ["TF_CONFIG"] = json.dumps(cluster)
            self._strategy = tf.distribute.MultiWorkerMirroredStrategy()
            here = self._strategy.num_replicas_in_sync // processes
            if wanted not in (None, "all", here):
                raise SettingError(
                    f"--devices {wanted}: on TensorFlow each of several processes has "
                    f"all devices that it sees, here {here}: CUDA_VISIBLE_DEVICES "
                    "chooses them."
                )
        else:
            listed = tf.config.list_logical_devices
            chosen = wanted_of(
                wanted, [one.name for one in listed("GPU") or listed("CPU")]
            )
            self._strategy = tf.distribute.MirroredStrategy(chosen)
            here = len(chosen)
        self.sharing = Sharing(
            here * processes, range(here * number, here * (number + 1))
        )
        self.chief = number == 0
        self.has_replicas = self.sharing.devices > 1
        self._forward = None

    def scope(self):
        return self._strategy.scope()

    def feed(self, model, batches):
        if self.sharing.devices == 1:
            return super().feed(model, batches)
        if self.processes > 1:
            step = model.train_step

            def with_an_axis(data):
                return {
                    name: ops.expand_dims(one, 0) for name, one in step(data).items()
                }

            # Keras takes the mean of a step's figures over processes along an axis
            # that they lack.
            model.train_step = with_an_axis
        parts = self._strategy.distribute_datasets_from_function(
            lambda context: replica_dataset(batches)
        )
        return {"x": parts, "steps_per_epoch": len(batches)}

    def logits(self, model, inputs):
        if self._forward is None:

            def forward(x):
                return self._strategy.run(model, (x,), {"training": False})

            self._forward = tf.function(forward, reduce_retracing=True)
        first, count = self.sharing.here.start, len(self.sharing.here)

        def rows_of(context):
            place = context.replica_id_in_sync_group - first
            return {
                name: tf.constant(np.split(rows, count)[place])
                for name, rows in inputs.items()
            }

        place = self._strategy.experimental_distribute_values_from_function
        found = self._strategy.experimental_local_results(self._forward(place(rows_of)))
        return np.concatenate([one.numpy() for one in found])

    def join(self, results):
        if self.processes == 1:
            return results
        text = np.frombuffer(as_text(results) + b"\n", "uint8")
        mine = len(self.sharing.here)

        def once(context):
            first = context.replica_id_in_sync_group % mine == 0
            return tf.constant(text if first else text[:0], tf.int32)

        place = self._strategy.experimental_distribute_values_from_function
        gathered = self._strategy.gather(place(once), axis=0)
        return joined(gathered.numpy().astype("uint8").tobytes().splitlines())
