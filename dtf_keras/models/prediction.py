"""The logits of batches that differ in length, as one array."""

import itertools

import keras
import numpy as np

from dtf_keras.layers.heads.blank_padding import IMPOSSIBLE


def is_batched(x):
    """Whether `x` is an iterable of batches, not an array or a nest of arrays."""
    if isinstance(x, dict | list | tuple) or hasattr(x, "shape"):
        return False
    return hasattr(x, "__iter__") or isinstance(x, keras.utils.PyDataset)


def predict_batches(model, batches, verbose="auto", steps=None, callbacks=None):
    """Predicts each batch and joins the logits.

    Args:
        model: a compiled or uncompiled `keras.Model`.
        batches: iterable of inputs, or of tuples of inputs and more, which is ignored;
            or a `keras.utils.PyDataset`.
        verbose, steps, callbacks: as `keras.Model.predict`.

    Returns:
        float32 `[N, T', V]`, T' that of the longest batch.

    Raises:
        ValueError: there is no batch.
    """
    if isinstance(batches, keras.utils.PyDataset):
        batches = map(batches.__getitem__, range(len(batches)))
    elif steps is None:
        steps = _count(batches)
    if not isinstance(callbacks, keras.callbacks.CallbackList):
        callbacks = keras.callbacks.CallbackList(
            callbacks,
            add_progbar=verbose != 0,
            verbose=1 if verbose == "auto" else verbose,
            epochs=1,
            steps=steps,
            model=model,
        )
    callbacks.on_predict_begin()
    logits = []
    for number, batch in enumerate(itertools.islice(batches, steps)):
        callbacks.on_predict_batch_begin(number)
        x = keras.utils.unpack_x_y_sample_weight(batch)[0]
        # On another backend the tensors of a tf.data.Dataset are strangers.
        x = keras.tree.map_structure(
            lambda one: one if keras.ops.is_tensor(one) else np.asarray(one), x
        )
        logits.append(model.predict_on_batch(x))
        callbacks.on_predict_batch_end(number, {"outputs": logits[-1]})
    callbacks.on_predict_end()
    if not logits:
        raise ValueError("There is no batch to predict: the iterable was empty.")
    return _joined(logits)


def _count(batches):
    try:
        return len(batches)
    except TypeError:  # a generator, or a dataset that does not know
        return None


def _joined(logits):
    longest = max(batch.shape[1] for batch in logits)
    return np.concatenate([_lengthened(batch, longest) for batch in logits])


def _lengthened(logits, length):
    """`[B, T', V]` -> `[B, length, V]`: more steps, on which blank is certain."""
    missing = length - logits.shape[1]
    padded = np.pad(logits, [(0, 0), (0, missing), (0, 0)], constant_values=IMPOSSIBLE)
    padded[:, logits.shape[1] :, 0] = 0.0
    return padded
