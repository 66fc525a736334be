"""Turns a published PyTorch checkpoint: python scripts/convert.py --help."""

import sys

from dtf_keras.commands.convert import main

if __name__ == "__main__":
    sys.exit(main())
