"""What a run shows while it trains."""

import sys
import time

import keras

from dtf_keras.eta import Pace, about, clock
from dtf_keras.words import tell

PLAIN_LINE_SECONDS = 20  # between two lines within an epoch, off a terminal


class EpochBar(keras.callbacks.ProgbarLogger):
    """Keras' bar with the epoch's ETA, for a terminal.

    Given as a callback of its own, first in the list, because `fit(verbose=1)`
    adds it last: it would close the bar after the lines that report the epoch.
    """

    def set_params(self, params):
        super().set_params({**params, "verbose": 1})


class Progress(keras.callbacks.Callback):
    """Reports each epoch in plain lines, and how long the run will still take.

    After each epoch: loss, and that of each head of a model with several; dev WER (CER
    where glosses are characters) with its errors, one reference with what was
    recognized (another clip each epoch), time gone and time to go. Off a terminal also
    a line now and then within an epoch. Place it after `DevErrors`.

    Args:
        dev: the run's `DevErrors`.
        terminal: whether a bar shows the steps, so that no line needs to.
        say: function that shows a line of text.
    """

    def __init__(self, dev, terminal=None, say=tell):
        super().__init__()
        self.dev = dev
        self.terminal = sys.stdout.isatty() if terminal is None else terminal
        self.say = say
        self._epochs_done = 0

    def on_train_begin(self, logs=None):
        self._began = self._last_line = time.perf_counter()
        self._pace = None

    def on_epoch_begin(self, epoch, logs=None):
        self._epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        now, to_go = time.perf_counter(), self._to_go(batch + 1)
        if self.terminal or now - self._last_line < PLAIN_LINE_SECONDS:
            return
        self._last_line = now
        line = f"  step {batch + 1}/{self.params['steps'] or '?'}"
        self.say(f"{line}, loss {logs['loss']:.3f}, {about(to_go)}")

    def _to_go(self, steps=0):
        """Seconds to go after some steps of an epoch, None if nothing tells that."""
        if not self.params["steps"]:
            return None
        if self._pace is None:
            self._pace = Pace(
                (self.params["epochs"] - self._epoch) * self.params["steps"]
            )
        return self._pace.to_go(self._epochs_done * self.params["steps"] + steps)

    def on_epoch_end(self, epoch, logs=None):
        self._epochs_done += 1
        now = self._last_line = time.perf_counter()
        epochs_to_go = self.params["epochs"] - epoch - 1
        to_go = self._to_go()
        if to_go is None:
            to_go = (now - self._began) / self._epochs_done * epochs_to_go
        errors = self.dev.errors
        self.say(
            f"epoch {epoch + 1}/{self.params['epochs']}: loss {logs['loss']:.3f}"
            f"{_of_heads(logs)}, dev {errors.rate} {errors}; "
            f"{clock(now - self._began)} gone, {about(to_go)}"
        )
        clip = epoch % len(self.dev.corpus)
        reference = self.dev.corpus.clips[clip].glosses
        self.say(f"  signed:     {' '.join(reference)}")
        self.say(f"  recognized: {' '.join(self.dev.transcripts[clip]) or '(nothing)'}")


def _of_heads(logs):
    """The loss of each head of a model with several, in parentheses."""
    losses = [
        f"{name.removesuffix('_loss')} {value:.3f}"
        for name, value in logs.items()
        if name.endswith("_loss") and not name.startswith("val_")
    ]
    return f" ({', '.join(losses)})" if losses else ""
