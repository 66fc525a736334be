"""Trains a zoo model: python scripts/fit.py --help."""

import sys

from dtf_keras.commands.fit import main

if __name__ == "__main__":
    sys.exit(main())
