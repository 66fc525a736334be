"""Measures parts of the package: python scripts/benchmark.py --help."""

import sys

from dtf_keras.commands.benchmark import main

if __name__ == "__main__":
    sys.exit(main())
