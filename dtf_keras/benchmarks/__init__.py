"""What parts of the package cost: one module a benchmark.

A module has `Arguments`, a dataclass whose fields are the flags of the console
command, and `run(arguments)`, which prints a table. `BENCHMARKS` lists them.
"""

BENCHMARKS = {
    "data": "frames a second out of the pipeline, from PNG folders and HDF5",
    "decoding": "greedy decoding and beam search on random logits",
    "gpu": "models on an accelerator: frames a second, memory, parity with the CPU",
    "layers": "the layers of dynamic temporal fusion against per-frame loops",
    "models": "models of the zoo: parameters, multiply-adds, frames a second, memory",
    "stream": "frames a second of live recognition",
    "train": "a training step on every backend, beside another version of the package",
}


class CannotMeasure(RuntimeError):
    """What was asked for cannot be measured here."""


class NoAccelerator(CannotMeasure):
    """This machine has none that the backend can use."""


def check_models(*names):
    """Raises `CannotMeasure` if there is no model of one of the names."""
    from dtf_keras import models

    for name in names:
        try:
            models.entry(name)
        except ValueError as error:
            raise CannotMeasure(str(error)) from error
