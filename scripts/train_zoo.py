"""Trains the presets of the zoo again: python scripts/train_zoo.py --help."""

import sys

from dtf_keras.commands.train_zoo import main

if __name__ == "__main__":
    sys.exit(main())
