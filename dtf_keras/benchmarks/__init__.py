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
}


class NoAccelerator(RuntimeError):
    """This machine has none that the backend can use."""
