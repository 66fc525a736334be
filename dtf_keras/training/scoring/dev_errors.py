"""WER on the dev split after each epoch, as a Keras callback."""

import time

import keras

from dtf_keras import decoding
from dtf_keras.training.scoring.transcripts import measure, transcribe


class DevErrors(keras.callbacks.Callback):
    """Transcribes the dev split after each epoch and adds the result to the logs.

    The logs gain `val_wer` (percent), `val_substitutions`, `val_deletions`,
    `val_insertions`, `val_glosses_recognized` (counts), `learning_rate`,
    `train_seconds` and `val_seconds`. Callbacks after this one see them.

    Args:
        corpus: dev split.
        batch_size: clips in a batch.
        decoder: as `transcribe` takes it.
        devices: as `transcribe` takes them.

    Attributes:
        errors: of the last epoch, as `measure` gives them; the CER of a corpus whose
            glosses are characters is in the logs as `val_wer`.
        transcripts: list of one list of glosses a clip, of the last epoch.
    """

    def __init__(self, corpus, batch_size, decoder=decoding.greedy, devices=None):
        super().__init__()
        self.corpus = corpus
        self.batch_size = batch_size
        self.decoder = decoder
        self.devices = devices
        self.errors = None
        self.transcripts = None

    def on_epoch_begin(self, epoch, logs=None):
        self._began = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        trained = time.perf_counter()
        model = self.model
        self.transcripts = transcribe(
            model, self.corpus, self.batch_size, self.decoder, self.devices
        )
        self.errors = measure(self.corpus, self.transcripts)
        logs.update(
            val_wer=round(self.errors.wer, 3),
            val_substitutions=self.errors.substitutions,
            val_deletions=self.errors.deletions,
            val_insertions=self.errors.insertions,
            val_glosses_recognized=sum(map(len, self.transcripts)),
            learning_rate=float(model.optimizer.learning_rate),
            train_seconds=round(trained - self._began, 3),
            val_seconds=round(time.perf_counter() - trained, 3),
        )
