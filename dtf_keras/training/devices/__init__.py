"""The devices that share the batches of a run: of this machine, or of several.

Each holds the whole model. Keras' distribution does it on JAX, `tf.distribute` on
TensorFlow; on PyTorch Keras has none. Several machines, or processes, are told of each
other by the variables that `keras.distribution.initialize` reads:
`KERAS_DISTRIBUTION_JOB_ADDRESSES` (host:port of each, a comma between),
`KERAS_DISTRIBUTION_NUM_PROCESSES` and `KERAS_DISTRIBUTION_PROCESS_ID`.
"""

import keras

from dtf_keras.training.devices.environment import count_processes
from dtf_keras.training.devices.one_device import OneDevice
from dtf_keras.training.devices.other_processes import lost_processes, own_folder
from dtf_keras.training.settings.checks import SettingError

__all__ = ["OneDevice", "choose", "lost_processes", "own_folder"]


def choose(wanted=None):
    """The devices of a run. To be called before anything is computed.

    Args:
        wanted: how many of each process, "all", or `None`: one, or all where several
            processes take part.

    Returns:
        `OneDevice`, or what has its methods.

    Raises:
        SettingError: there are not so many, or the backend cannot share a batch.
    """
    processes = count_processes()
    if wanted is None and processes == 1:
        return OneDevice()
    backend = keras.backend.backend()
    if backend == "torch":
        raise SettingError(
            f"On PyTorch Keras {keras.__version__} trains on one device: leave "
            "--devices out, or choose KERAS_BACKEND=jax or tensorflow."
        )
    if backend == "jax":
        from dtf_keras.training.devices.on_jax import DevicesOnJax

        return DevicesOnJax(wanted, processes)
    from dtf_keras.training.devices.on_tensorflow import DevicesOnTensorFlow

    return DevicesOnTensorFlow(wanted, processes)
