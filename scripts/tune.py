"""Searches for good settings: python scripts/tune.py --help."""

import sys

from dtf_keras.commands.tune import main

if __name__ == "__main__":
    sys.exit(main())
