"""What Keras trains on by itself, and what other devices have as well."""

import contextlib

from keras import ops

from dtf_keras.data.batches.sharing import ALONE


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
