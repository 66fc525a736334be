"""Packs a corpus into one file: python scripts/pack.py --help."""

import sys

from dtf_keras.commands.pack import main

if __name__ == "__main__":
    sys.exit(main())
