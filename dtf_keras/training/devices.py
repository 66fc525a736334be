"""The devices that share the batches of a run: of this machine, or of several.

Each holds the whole model. Keras' distribution does it on JAX, `tf.distribute` on
TensorFlow; on PyTorch Keras has none. Several machines, or processes, are told of each
other by the variables that `keras.distribution.initialize` reads:
`KERAS_DISTRIBUTION_JOB_ADDRESSES` (host:port of each, a comma between),
`KERAS_DISTRIBUTION_NUM_PROCESSES` and `KERAS_DISTRIBUTION_PROCESS_ID`.
"""

import contextlib
import itertools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import keras
import numpy as np
from keras import ops

from dtf_keras.data.batches.dataset import replica_dataset
from dtf_keras.data.batches.sharing import ALONE, Sharing
from dtf_keras.training.run.folder import RunFolder
from dtf_keras.training.settings.checks import SettingError
from dtf_keras.words import printable

_ADDRESSES = "KERAS_DISTRIBUTION_JOB_ADDRESSES"
_PROCESSES = "KERAS_DISTRIBUTION_NUM_PROCESSES"
_PROCESS = "KERAS_DISTRIBUTION_PROCESS_ID"


class OneDevice:
    """What Keras trains on where nobody says anything else.

    Attributes:
        sharing: `Sharing` of a batch between the devices.
        processes: how many processes take part.
        chief: whether this is the process that writes the run folder.
        has_replicas: whether each device has variables of its own.
    """

    sharing = ALONE
    processes = 1
    chief = True
    has_replicas = False

    def scope(self):
        """Within it models are made, trained and asked."""
        return contextlib.nullcontext()

    def feed(self, model, batches):
        """This process' share of the batches, as arguments of `model.fit`."""
        return {"x": batches.dataset()}

    def logits(self, model, inputs):
        """The model's logits of this process' rows of a batch, numpy `[B, T', V]`."""
        return ops.convert_to_numpy(model.predict_on_batch(inputs))

    def join(self, results):
        """The results of all processes in each of them: a dict by number of a clip."""
        return results


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
    processes = _processes()
    if wanted is None and processes == 1:
        return OneDevice()
    backend = keras.backend.backend()
    if backend == "torch":
        raise SettingError(
            f"On PyTorch Keras {keras.__version__} trains on one device: leave "
            "--devices out, or choose KERAS_BACKEND=jax or tensorflow."
        )
    kind = _OnJax if backend == "jax" else _OnTensorFlow
    return kind(wanted, processes)


@contextlib.contextmanager
def own_folder(devices, folder):
    """The run folder that this process writes.

    The chief's is the real one. The others train the same and write a copy that is
    thrown away, so that nothing else has to ask who writes.

    Args:
        devices: of `choose`.
        folder: `RunFolder`.
    """
    if devices.chief:
        yield folder
        return
    with tempfile.TemporaryDirectory() as place:
        own = pathlib.Path(place, folder.path.name)
        if folder.path.is_dir():
            shutil.copytree(folder.path, own)
        with (
            open(os.devnull, "w", encoding="utf-8") as nowhere,
            contextlib.redirect_stdout(nowhere),
        ):
            yield RunFolder(own)


@contextlib.contextmanager
def lost_processes(devices, folder):
    """Within it, the end of another process of the run is told as that.

    Args:
        devices: of `choose`.
        folder: `RunFolder` to go on from.

    Raises:
        SettingError: what the backend raised says that another process has gone.
    """
    if devices.processes == 1:
        yield
        return
    sentence = (
        "Another process of this run has ended. Start all of them again with "
        f"--resume {folder.path}: fewer devices will do too."
    )
    with _said_by_another(f"error: {printable(sentence)}\n"):
        try:
            yield
        except Exception as error:
            if not _says_lost(error):
                raise
            raise SettingError(sentence) from error


@contextlib.contextmanager
def _said_by_another(text):
    """Lets another process write a text to stderr if this one is aborted within.

    So JAX ends a process that waits for one that is lost.
    """
    code = "import sys; sys.stdin.read() or sys.stderr.write(sys.argv[1])"
    watcher = subprocess.Popen(
        [sys.executable, "-IS", "-c", code, text],
        stdin=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield
    finally:
        watcher.communicate("this one is there")


_LOST = (
    "gloo",
    "collective",
    "connection",
    "unavailable",
    "heartbeat",
    "coordination",
    "socket",
    "peer",
)


def _says_lost(error):
    """Whether an exception of a backend, none of a clip or a file, says so."""
    of_tensorflow = type(error).__module__.partition(".")[0] == "tensorflow"
    if not (of_tensorflow or isinstance(error, RuntimeError)):
        return False
    text = f"{type(error).__name__} {error}".lower()
    return any(word in text for word in _LOST)


def _processes():
    text = os.environ.get(_PROCESSES, "1")
    if not text.isdecimal() or int(text) < 1:
        raise SettingError(f"{_PROCESSES} is a number from 1. Received: {text!r}.")
    return int(text)


def _process(processes):
    """This process' number, and the addresses of all, as the environment says."""
    number, addresses = os.environ.get(_PROCESS, ""), os.environ.get(_ADDRESSES, "")
    if not number.isdecimal() or int(number) >= processes:
        raise SettingError(
            f"{_PROCESS} is the number of this process, from 0 to {processes - 1}. "
            f"Received: {number!r}."
        )
    if not addresses:
        raise SettingError(
            f"{_ADDRESSES} is empty: give host:port of each process, a comma between."
        )
    return int(number), addresses.split(",")


def _some(wanted, found):
    """As many of the devices that were found as are wanted."""
    if wanted in (None, "all"):
        return found
    if not 1 <= wanted <= len(found):
        names = ", ".join(map(str, found))
        raise SettingError(
            f"--devices {wanted}: this machine has {len(found)} ({names})."
        )
    return found[:wanted]


class _OnJax(OneDevice):
    """`keras.distribution.DataParallel`: every batch is one array over all devices."""

    def __init__(self, wanted, processes):
        import jax

        self.processes = processes
        if processes > 1:
            number, addresses = _process(processes)
            keras.distribution.initialize(addresses[0], processes, number)
        here = _some(wanted, jax.local_devices())
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
        import jax

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
        from jax.experimental.multihost_utils import process_allgather

        text = np.frombuffer(_as_text(results), "uint8")
        lengths = np.asarray(process_allgather(np.array([len(text)], "int32"))).ravel()
        text = np.pad(text, (0, lengths.max() - len(text)))
        texts = np.asarray(process_allgather(text)).reshape(len(lengths), -1)
        return _joined(row[:n].tobytes() for row, n in zip(texts, lengths, strict=True))


class _OnTensorFlow(OneDevice):
    """`tf.distribute`: every device has a replica of the model and its own rows."""

    def __init__(self, wanted, processes):
        import tensorflow as tf

        self.processes, number = processes, 0
        if processes > 1:
            number, addresses = _process(processes)
            if len(addresses) != processes:
                raise SettingError(
                    f"{_ADDRESSES} names {len(addresses)} processes of {processes}: on "
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
            chosen = _some(wanted, [one.name for one in listed("GPU") or listed("CPU")])
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
        import tensorflow as tf

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
        import tensorflow as tf

        text = np.frombuffer(_as_text(results) + b"\n", "uint8")
        mine = len(self.sharing.here)

        def once(context):
            first = context.replica_id_in_sync_group % mine == 0
            return tf.constant(text if first else text[:0], tf.int32)

        place = self._strategy.experimental_distribute_values_from_function
        gathered = self._strategy.gather(place(once), axis=0)
        return _joined(gathered.numpy().astype("uint8").tobytes().splitlines())


def _as_text(results):
    return json.dumps(list(results.items())).encode()


def _joined(texts):
    return {clip: found for text in texts for clip, found in json.loads(text)}
