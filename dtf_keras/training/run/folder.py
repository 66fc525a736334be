"""The files of one training run; the only place that knows their names."""

import csv
import io
import pathlib

from dtf_keras.damage import damage_as, reason
from dtf_keras.files import write_whole
from dtf_keras.json_text import parse_object
from dtf_keras.training.settings.checks import SettingError
from dtf_keras.training.settings.config_file import read_config, write_config
from dtf_keras.training.settings.upgrade import OLD_COLUMNS


class RunFolder:
    """Paths and small files of one run.

    `best.weights.h5` (best dev WER) and `last.weights.h5` (after the last whole
    epoch, with all a resumed run needs), `config.json`, `glosses.txt`,
    `history.csv` (a row an epoch), `metrics.json`, `curves.png`, `alignment.png`, and
    the folder `tensorboard` where that was asked for. All files but those of that
    folder are written beside their place and then moved there, so that an interrupted
    run leaves no half file.

    Args:
        path: the folder.
    """

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.best_weights = self.path / "best.weights.h5"
        self.last_weights = self.path / "last.weights.h5"
        self.config = self.path / "config.json"
        self.glosses = self.path / "glosses.txt"
        self.history = self.path / "history.csv"
        self.metrics = self.path / "metrics.json"
        self.curves = self.path / "curves.png"
        self.alignment = self.path / "alignment.png"
        self.tensorboard = self.path / "tensorboard"

    @property
    def finished(self):
        """Whether the run ended; `metrics.json` is written last."""
        return self.metrics.is_file()

    def files(self):
        """Names of the files in the folder, sorted."""
        return sorted(p.name for p in self.path.iterdir() if p.is_file())

    def require_empty(self):
        """Checks that a new run can be written here.

        Raises:
            FileExistsError: it exists and holds something.
        """
        if self.path.exists() and (not self.path.is_dir() or any(self.path.iterdir())):
            raise FileExistsError(
                f"{self.path} exists and is not empty: continue that run with "
                f"--resume {self.path}, or choose another folder with --out."
            )

    def write_config(self, config, input_format, made_with):
        """Makes the folder and in it `config.json`.

        Args:
            config: `RunConfig`.
            input_format: `InputFormat` that the model reads.
            made_with: dict of backend, versions and corpus.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        write_config(self.config, config, input_format, made_with)

    def read_config(self):
        """What the run's `config.json` says: `SavedConfig`.

        Raises:
            FileNotFoundError: the folder is not that of a run.
            SettingError: as `read_config` of `settings.config_file`.
        """
        if not self.config.is_file():
            raise FileNotFoundError(
                f"{self.path} is not a run folder, it has no config.json: "
                "give a folder that fit.py wrote."
            )
        return read_config(self.config)

    def read_history(self):
        """The finished epochs: a list of dicts of numbers, `epoch` from 0.

        Raises:
            SettingError: the file is damaged.
        """
        if not self.history.is_file():
            return []
        with (
            self._damage(self.history),
            self.history.open(newline="", encoding="utf-8") as file,
        ):
            return [
                {OLD_COLUMNS.get(name, name): float(row[name]) for name in row}
                for row in csv.DictReader(file)
            ]

    def keep_history(self, epochs):
        """Drops the rows of all but the first `epochs` epochs.

        A run may have been interrupted after it wrote a row and before it wrote
        the weights of that epoch.

        Raises:
            SettingError: the file is damaged.
        """
        if not self.history.is_file():
            return
        with (
            self._damage(self.history),
            self.history.open(newline="", encoding="utf-8") as file,
        ):
            header, *rows = list(csv.reader(file)) or [[]]
        text = io.StringIO(newline="")
        csv.writer(text).writerows([header, *rows[:epochs]] if epochs else [])
        content = text.getvalue().encode()
        write_whole(self.history, lambda part: part.write_bytes(content))

    def read_metrics(self):
        """The dict in `metrics.json`.

        Raises:
            SettingError: the file is damaged.
        """
        with self._damage(self.metrics):
            return parse_object(self.metrics.read_bytes())

    def _damage(self, path):
        return damage_as(
            lambda error: SettingError(f"{path} is damaged ({reason(error)}).")
        )
