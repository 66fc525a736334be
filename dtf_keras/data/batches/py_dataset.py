"""Batches as a `keras.utils.PyDataset`: what Keras reads on JAX and PyTorch."""

import keras


class BatchDataset(keras.utils.PyDataset):
    """The batches of the epoch that `batches.epoch` says; see `ClipBatches.dataset`.

    Keras asks for batch after batch, so they are read ahead in threads, from the one
    that is asked for to the end of the epoch. Any other order is right too, but slow.

    Args:
        batches: `ClipBatches`.
        prefetch: as for `ClipBatches.read`.
        workers: as for `ClipBatches.read`.
    """

    def __init__(self, batches, prefetch, workers):
        super().__init__()
        self._batches = batches
        self._options = {"prefetch": prefetch, "workers": workers}
        self._stop()

    def __len__(self):
        return len(self._batches)

    def __iter__(self):
        return self._batches.read(**self._options)

    def __getitem__(self, index):
        """Batch `index` of the epoch; the first one begins it.

        Raises:
            ClipError: a clip that cannot be read.
            IndexError: there are not so many batches.
        """
        if not 0 <= index < len(self):
            raise IndexError(f"There is no batch {index} of {len(self)}.")
        if index == 0 or index != self._next:
            self._stop()
            self._reading = self._batches.read(**self._options, first=index)
        self._next = index + 1
        return next(self._reading)

    def on_epoch_end(self):
        self._stop()

    def _stop(self):
        """Ends the reading ahead, if there is any."""
        self._reading = self._next = None
