"""Devices that share batches on JAX."""

import itertools

import jax
import keras
import numpy as np
from jax.experimental.multihost_utils import process_allgather

from dtf_keras.data.batches.sharing import Sharing
from dtf_keras.training.devices.environment import this_process, wanted_of
from dtf_keras.training.devices.one_device import OneDevice
from dtf_keras.training.devices.results import as_text, joined


class DevicesOnJax(OneDevice):
    """`keras.distribution.DataParallel`: every batch is one array over all devices."""

    def __init__(self, wanted, processes):
        self.processes = processes
        if processes > 1:
            number, addresses = this_process(processes)
            keras.distribution.initialize(addresses[0], processes, number)
        here = wanted_of(wanted, jax.local_devices())
        by_process = itertools.groupby(jax.devices(), lambda one: one.process_index)
        chosen = [one for _, found in by_process for one in list(found)[: len(here)]]
        first = chosen.index(here[0])
        self.sharing = Sharing(len(chosen), range(first, first + len(here)))
        self.chief = jax.process_index() == 0
        names = [f"{one.platform}:{one.id}" for one in chosen]
        mesh = keras.distribution.DeviceMesh((len(chosen),), ["batch"], names)
        self._distribution = keras.distribution.DataParallel(
            mesh, auto_shard_dataset=False
        )
        self._forward = None

    def scope(self):
        return self._distribution.scope()

    def logits(self, model, inputs):
        if self._forward is None:

            def forward(trained, others, x):
                return model.stateless_call(trained, others, x, training=False)[0]

            self._forward = jax.jit(forward)

        def shared(rows):
            layout = self._distribution.get_data_layout(rows.shape).backend_layout
            return jax.make_array_from_process_local_data(layout, rows)

        logits = self._forward(
            [one.value for one in model.trainable_variables],
            [one.value for one in model.non_trainable_variables],
            {name: shared(rows) for name, rows in inputs.items()},
        )
        parts = sorted(
            logits.addressable_shards, key=lambda one: one.index[0].start or 0
        )
        return np.concatenate([np.asarray(one.data) for one in parts])

    def join(self, results):
        if self.processes == 1:
            return results
        text = np.frombuffer(as_text(results), "uint8")
        lengths = np.asarray(process_allgather(np.array([len(text)], "int32"))).ravel()
        text = np.pad(text, (0, lengths.max() - len(text)))
        texts = np.asarray(process_allgather(text)).reshape(len(lengths), -1)
        return joined(row[:n].tobytes() for row, n in zip(texts, lengths, strict=True))
