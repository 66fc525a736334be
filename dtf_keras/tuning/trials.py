"""Trains one run after another and keeps the settings of the best."""

import os
import pathlib
import time

import keras_tuner
from keras_tuner.engine.trial import TrialStatus

from dtf_keras import training
from dtf_keras.eta import Pace, about, clock
from dtf_keras.training.run.folder import RunFolder
from dtf_keras.training.settings.config import SettingError
from dtf_keras.training.settings.config_file import read_config, write_config
from dtf_keras.tuning.space import search_space, with_values
from dtf_keras.words import tell

OBJECTIVE = keras_tuner.Objective("val_wer", "min")
BASE, BEST = "search.json", "best.json"
_ALL = 1_000_000


def search(config, settings, out, say=tell):
    """Searches for the settings with the lowest WER on dev.

    Each trial is a run folder below `out`, trained from scratch. A search that was
    interrupted goes on, within a trial too, when it is called again. With
    keras-tuner's variables (KERASTUNER_TUNER_ID, KERASTUNER_ORACLE_IP and
    KERASTUNER_ORACLE_PORT) several processes share a search and `out`: the one whose
    id begins with `chief` hands out trials and trains none.

    Args:
        config: `RunConfig` to begin with; its epochs are those of the longest trials.
        settings: `SearchSettings`.
        out: folder of the search.
        say: function that shows a line of text.

    Returns:
        `RunConfig` of the best trial with the epochs of `config`, and its WER on dev in
        percent. It is in `out/best.json` too, which `fit.py --config` takes.

    Raises:
        SettingError: the folder holds a search that began with other settings, a
            setting that cannot be, or no trial that ended well.
        RuntimeError: three trials after another failed.
    """
    out = pathlib.Path(out)
    space = search_space(config, settings.keep)
    _require_same(out / BASE, config)
    tuner = RunTuner(config, settings, space, out, say)
    if tuner.is_chief:
        say("chief: waiting for the other processes to train the trials")
    tuner.search(verbose=0)
    best = tuner.best_trial()
    if best is None:
        raise SettingError(
            f"No trial ended well; each tells why in {out}/trials/trial_*/trial.json."
        )
    found = with_values(config, best.hyperparameters.values)
    write_config(out / BEST, found)
    return found, best.score


def _require_same(path, config):
    if path.exists():
        changed = read_config(path).config.differences(config)
        if changed:
            raise SettingError(
                f"{path.parent} holds a search with another {changed[0]}: continue it "
                "with the same flags, or give another --out."
            )
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_config(path, config)


class RunTuner(keras_tuner.Tuner):
    """keras-tuner's loop, of which a trial is a training run.

    Args:
        config, settings, out, say: as `search`.
        space: `keras_tuner.HyperParameters`.
    """

    def __init__(self, config, settings, space, out, say):
        self.config = config
        self.say = say
        common = {
            "objective": OBJECTIVE,
            "hyperparameters": space,
            "seed": config.seed,
            "allow_new_entries": False,
        }
        if settings.algorithm == "bayesian":
            oracle = keras_tuner.oracles.BayesianOptimizationOracle(
                max_trials=settings.trials, **common
            )
            epochs = settings.trials * config.epochs
        else:
            oracle = keras_tuner.oracles.HyperbandOracle(
                max_epochs=config.epochs, factor=settings.factor, **common
            )
            epochs = _epochs_of(oracle)
        self.pace, self.began, self.epochs_done = Pace(epochs), time.perf_counter(), 0
        self.failed = self.epochs_failed = 0
        super().__init__(oracle=oracle, directory=str(out), project_name="trials")

    @property
    def is_chief(self):
        """Whether this process only hands out trials."""
        name = os.environ.get("KERASTUNER_TUNER_ID", "")
        return "KERASTUNER_ORACLE_IP" in os.environ and "chief" in name

    def trial_config(self, trial):
        """The `RunConfig` of a trial."""
        values = trial.hyperparameters.values
        return with_values(self.config, values, values.get("tuner/epochs"))

    def best_trial(self):
        """The trial with the lowest WER on dev, or None if none has one."""
        # Among keras-tuner's best are trials that failed, without a score.
        ranked = self.oracle.get_best_trials(_ALL)
        return next((trial for trial in ranked if trial.score is not None), None)

    def run_trial(self, trial, **_):
        """Trains a trial, or what is left of it; returns its WER on dev in percent."""
        config = self.trial_config(trial)
        self.say(f"trial {trial.trial_id}: {_shown(self.config, config)}")
        folder = RunFolder(pathlib.Path(self.get_trial_dir(trial.trial_id)) / "run")
        if folder.config.exists():
            run = training.resume(folder.path)
        else:
            run = training.fit(config, folder.path)
        return {OBJECTIVE.name: run.read_metrics()["wer"]["dev"]["wer"]}

    def on_trial_end(self, trial):
        """Says how the trial ended, the best so far, and the time to go."""
        super().on_trial_end(trial)
        config = self.trial_config(trial)
        self.epochs_done += config.epochs
        if trial.status == TrialStatus.COMPLETED:
            score = self.oracle.get_trial(trial.trial_id).score
            ended = f"dev {score:.1f} % errors"
        else:
            self.failed += 1
            self.epochs_failed += config.epochs
            reason = (trial.message or "").strip().rpartition("\n")[2]
            ended = f"failed with {_shown(self.config, config)}: {reason}"
        best = self.best_trial()
        so_far = f"best {best.score:.1f} %" if best else "none ended well yet"
        gone = time.perf_counter() - self.began
        rate = self.pace.rate(self.epochs_done)
        to_go = self._epochs_to_go() / rate if rate else None
        self.say(
            f"trial {trial.trial_id} {ended}; {so_far}; {self.failed} failed; "
            f"{clock(gone)} gone, {about(to_go)} in one process"
        )

    def _epochs_to_go(self):
        """Epochs that no process of the search has trained yet."""
        ended = [self.trial_config(t) for t in self.oracle.get_best_trials(_ALL)]
        done = sum(config.epochs for config in ended) + self.epochs_failed
        return max(self.pace.total - done, 0)


def _epochs_of(oracle):
    """The epochs of all trials of a `HyperbandOracle`, each trained from scratch."""
    return sum(
        oracle._get_size(bracket, number) * oracle._get_epochs(bracket, number)
        for bracket in range(oracle._get_num_brackets())
        for number in range(oracle._get_num_rounds(bracket))
    )


def _shown(base, config):
    """What a trial changes of the settings that the search began with."""
    changed = {n: getattr(config, n) for n in base.differences(config)}
    return ", ".join(f"{name} {value}" for name, value in changed.items()) or "as given"
