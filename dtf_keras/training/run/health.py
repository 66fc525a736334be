"""Says when a training run goes wrong, and what to try."""

import math

import keras
import numpy as np

from dtf_keras.words import tell

STUCK_WER = 97.0  # percent; a model that has learnt anything is below


class TrainingDivergedError(RuntimeError):
    """The loss is no longer a finite number."""


class Divergence(keras.callbacks.Callback):
    """Ends a run whose loss or weights are no numbers, with `TrainingDivergedError`.

    Place it before whatever decodes or keeps the weights.

    Args:
        config: `RunConfig`.
    """

    def __init__(self, config):
        super().__init__()
        self.config = config

    def on_train_batch_end(self, batch, logs=None):
        if not math.isfinite(logs["loss"]):
            self._stop(f"{logs['loss']} at step {batch + 1} of an epoch")

    def on_epoch_end(self, epoch, logs=None):
        # Logits that are not numbers can pass for padding, with a loss of 0.
        weights = self.model.get_weights()
        if not all(np.isfinite(weight.sum(dtype="float64")) for weight in weights):
            self._stop(f"nan, by the weights after epoch {epoch + 1}")
        if not math.isfinite(logs["loss"]):
            self._stop(f"{logs['loss']} in epoch {epoch + 1}")

    def _stop(self, what):
        raise TrainingDivergedError(
            f"The loss became {what}, so training stopped; the weights of "
            "the last whole epoch are kept. Try a lower --learning-rate (now "
            f"{self.config.learning_rate:g}), more --warmup-steps (now "
            f"{self.config.warmup_steps}), a smaller --clip-norm (now "
            f"{self.config.clip_norm:g}) or --precision float32 (now "
            f"{self.config.precision})."
        )


class Health(keras.callbacks.Callback):
    """Watches the dev WER and the clips that CTC cannot train on.

    What is wrong is said once each, through `say`, and kept in `warnings` (list of
    sentences). Place it after `DevErrors`.

    Args:
        config: `RunConfig`.
        num_clips: training clips in an epoch.
        history: logs of the epochs before, of a run that is continued; what was
            wrong with them is kept in `warnings` without being said again.
        say: function that shows a line of text.
    """

    def __init__(self, config, num_clips, history=(), say=tell):
        super().__init__()
        self.config = config
        self.num_clips = num_clips
        self.warnings = []
        self._said = set()
        # CTC models begin by emitting only blanks; give them a quarter of the run.
        self.patience = max(3, config.epochs // 4)
        self.say = lambda line: None
        for epoch, logs in enumerate(history):
            self._review(epoch, logs)
        self.say = say

    def on_epoch_end(self, epoch, logs=None):
        self._review(epoch, logs)

    def _review(self, epoch, logs):
        infeasible = round(logs.get("infeasible_clips", 0))
        if infeasible:
            self._warn(
                "infeasible",
                f"{infeasible} of {self.num_clips} training clips have fewer output "
                "steps than their glosses need and are left out of the loss. Use a "
                "model that shortens the time axis less, or longer clips.",
            )
        if epoch + 1 < self.patience:
            return
        if not logs["val_glosses_recognized"]:
            self._warn(
                "stuck",
                f"After {epoch + 1} epochs the model recognizes nothing but blanks: "
                f"dev has 100 % errors, all deletions. {self._advice()}",
            )
        elif logs["val_wer"] >= STUCK_WER:
            self._warn(
                "stuck",
                f"After {epoch + 1} epochs dev still has {logs['val_wer']:.0f} % "
                "errors: the model has not begun to learn the glosses. "
                f"{self._advice()}",
            )

    def _advice(self):
        return (
            f"Try more --epochs (now {self.config.epochs}), a lower --learning-rate "
            f"(now {self.config.learning_rate:g}) or more --warmup-steps (now "
            f"{self.config.warmup_steps}), more clips, or a greater --width."
        )

    def _warn(self, kind, sentence):
        if kind not in self._said:
            self._said.add(kind)
            self.warnings.append(sentence)
            self.say(f"WARNING: {sentence}")
