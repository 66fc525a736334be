"""Weights with all that a run needs to go on as if it had never stopped."""

import math
import shutil

import h5py
import keras
import numpy as np
from keras import ops

from dtf_keras.damage import reason
from dtf_keras.files import write_whole
from dtf_keras.hdf5_file import hdf5_file
from dtf_keras.training.run.optimisation import in_updates_of, steps_of_update
from dtf_keras.training.settings.config import SettingError
from dtf_keras.zoo import PresetError
from dtf_keras.zoo.weights_file import load_weights, read_numbers


def save_state(model, path, epochs_done):
    """Writes a compiled model's training state to one `.weights.h5` file.

    Keras' weights file (weights and optimiser) and in it what Keras leaves out: the
    states of its seed generators, and the number of epochs done, so that it can never
    disagree with the weights.

    Args:
        model: compiled `keras.Model`.
        path: `pathlib.Path` that ends in `.weights.h5`.
        epochs_done: whole epochs trained.
    """

    def write(part):
        model.save_weights(part)
        with h5py.File(part, "a") as file:
            file.attrs["epochs_done"] = epochs_done
            file.attrs["steps_of_update"] = steps_of_update(model.optimizer)
            for index, state in enumerate(_seed_states(model)):
                file[f"seed_states/{index}"] = ops.convert_to_numpy(state.value)

    write_whole(path, write)


def load_trained(model, path):
    """Loads weights, as `load_weights` of the zoo.

    Raises:
        SettingError: they are damaged or do not fit.
    """
    try:
        load_weights(model, path)
    except PresetError as error:
        raise SettingError(str(error)) from error


def load_state(model, path):
    """Restores what `save_state` wrote into a model compiled in the same way.

    Its optimiser may make updates of a multiple of the steps.

    Returns:
        The number of epochs done (int).

    Raises:
        SettingError: the file is damaged, or holds no training state, that of another
            model, or one with NaN or infinite numbers.
    """

    def damaged(error):
        return SettingError(
            f"{path} is damaged ({reason(error)}): training cannot continue from it. "
            "Start a new run with --config."
        )

    with hdf5_file(path, damaged, SettingError) as file:
        if "epochs_done" not in file.attrs:
            raise SettingError(
                f"{path} holds weights but no training state: training cannot "
                "continue from it. Start a new run with --config."
            )
        epochs_done = int(file.attrs["epochs_done"])
        steps = int(file.attrs.get("steps_of_update", 1))
        saved = file.get("seed_states", {})
        states = [saved[str(index)][()] for index in range(len(saved))]
        try:
            of_optimizer = read_numbers(path, "its optimizer", file["optimizer/vars"])
        except PresetError as error:
            raise SettingError(str(error)) from error
    load_trained(model, path)
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    own = model.optimizer.variables, _seed_states(model)
    in_order = [of_optimizer.get(str(place)) for place in range(len(of_optimizer))]
    if steps_of_update(model.optimizer) != steps:
        in_order = in_updates_of(model.optimizer, in_order, steps)
    if not all(map(_same_shapes, (in_order, states), own)):
        raise SettingError(f"{path} holds the training state of another optimizer.")
    for variables, values in zip(own, (in_order, states), strict=True):
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
    return epochs_done


def _same_shapes(arrays, variables):
    return list(map(np.shape, arrays)) == [tuple(one.shape) for one in variables]


def _seed_states(model):
    return [
        variable
        for variable in model.variables
        if variable.path.endswith("seed_generator_state")
    ]


class KeepWeights(keras.callbacks.Callback):
    """Keeps the weights of the last epoch and of the one with the lowest WER.

    In place of Keras' `ModelCheckpoint` and `BackupAndRestore`, which write their
    files in place and the epoch apart from the weights: a run killed while they
    write cannot be continued.

    Args:
        folder: `RunFolder`.
        best_wer: lowest dev WER so far, in percent.
    """

    def __init__(self, folder, best_wer=math.inf):
        super().__init__()
        self.folder = folder
        self.best_wer = best_wer

    def on_epoch_end(self, epoch, logs=None):
        last = self.folder.last_weights
        # The best ones first: if the run is killed between the two, the epoch is
        # trained again and they come out the same.
        if logs["val_wer"] < self.best_wer:
            self.best_wer = logs["val_wer"]
            save_state(self.model, self.folder.best_weights, epoch + 1)
            write_whole(last, lambda p: shutil.copyfile(self.folder.best_weights, p))
        else:
            save_state(self.model, last, epoch + 1)
