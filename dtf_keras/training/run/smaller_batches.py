"""A run whose batches do not fit into memory goes on with smaller ones."""

import contextlib
import dataclasses

from dtf_keras.out_of_memory import free_memory, is_out_of_memory
from dtf_keras.training.settings.config_file import SavedConfig
from dtf_keras.words import tell

LARGER = "larger_batches"
"""Key of a run's `made_with`: what did not fit, a list of dicts of settings."""


class OutOfMemoryError(RuntimeError):
    """Memory does not suffice for a batch of one clip."""


class BatchTooLargeError(RuntimeError):
    """Memory does not suffice for the batches of a run.

    Args:
        smaller: the `RunConfig` to go on with.
    """

    def __init__(self, smaller):
        super().__init__(f"Out of memory: {smaller.batch_size} clips may fit.")
        self.smaller = smaller


@contextlib.contextmanager
def memory_errors(config, num_clips):
    """Within it, what says that memory did not suffice says what to do about it.

    Args:
        config: `RunConfig`.
        num_clips: training clips.

    Raises:
        BatchTooLargeError: a smaller batch may fit.
        OutOfMemoryError: there is none.
    """
    try:
        yield
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        smaller = with_smaller_batch(config, num_clips)
        if smaller is None:
            raise OutOfMemoryError(_advice(config)) from error
        raise BatchTooLargeError(smaller) from error


def with_smaller_batch(config, num_clips):
    """A config of half the batch or less and as many more steps an update.

    Each update has the clips that it had, so that learning rate, warm-up and milestones
    hold; what remains is that batch norm sees fewer clips at once.

    Args:
        config: `RunConfig`.
        num_clips: training clips; a batch has no more.

    Returns:
        `RunConfig`, or `None` where the batch is one clip.
    """
    now = min(config.batch_size, num_clips)
    shares = [size for size in range(1, now // 2 + 1) if now % size == 0]
    if not shares:
        return None
    steps = config.accumulate * (now // shares[-1])
    return dataclasses.replace(config, batch_size=shares[-1], accumulate=steps)


def within_memory(train, folder, config, saved=None, **settings):
    """Trains a run, with smaller batches from the last whole epoch on where need be.

    They are written into the run's `config.json`, and what did not fit into its
    `made_with`.

    Args:
        train: function of `folder`, `config`, `saved` and `settings`.
        folder: `RunFolder`.
        config: `RunConfig`.
        saved: `SavedConfig` of a run that is continued.

    Raises:
        OutOfMemoryError: one clip does not fit.
    """
    while True:
        try:
            return train(folder, config, saved, **settings)
        except BatchTooLargeError as error:
            smaller = error.smaller
        free_memory()  # what the error held of the step
        epochs = len(folder.read_history())
        tell(
            f"OUT OF MEMORY with --batch-size {config.batch_size}: going on "
            f"{f'after epoch {epochs}' if epochs else 'from the start'} with "
            f"--batch-size {smaller.batch_size} --accumulate {smaller.accumulate}, so "
            "that an update of the weights still has as many clips."
        )
        saved = _written(folder, config, smaller, epochs)
        config = smaller


def _written(folder, config, smaller, epochs):
    saved = folder.read_config()
    too_large = {
        "batch_size": config.batch_size,
        "accumulate": config.accumulate,
        "epochs": epochs,
    }
    made_with = dict(saved.made_with)
    made_with[LARGER] = [*made_with.get(LARGER, []), too_large]
    folder.write_config(smaller, saved.input_format, made_with)
    return SavedConfig(smaller, saved.input_format, made_with)


def _advice(config):
    mends = ["shorter clips", f"a smaller --frame-size (now {_size(config)})"]
    if not config.remat:
        mends.insert(0, "--remat")
    if config.precision == "float32":
        mends.insert(0, "--precision mixed_bfloat16")
    return (
        "Memory does not suffice for a batch of one clip: start a new run with "
        f"{', '.join(mends[:-1])} or {mends[-1]}."
    )


def _size(config):
    size = config.frame_size
    return size if isinstance(size, int) else " ".join(map(str, size))
