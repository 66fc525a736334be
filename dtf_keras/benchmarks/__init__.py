"""What parts of the package cost: one module a benchmark.

A module has `Arguments`, a dataclass whose fields are the flags of the console
command, and `run(arguments)`, which prints a table. `BENCHMARKS` lists them.
"""

BENCHMARKS = {
    "layers": "the layers of dynamic temporal fusion against per-frame loops",
}
