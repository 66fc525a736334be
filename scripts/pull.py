"""Pulls and verifies pretrained weights: python scripts/pull.py --help."""

import sys

from dtf_keras.commands.pull import main

if __name__ == "__main__":
    sys.exit(main())
