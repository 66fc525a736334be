"""Builds the hand model anew: python scripts/landmarker.py --help."""

import sys

from dtf_keras.commands.landmarker import main

if __name__ == "__main__":
    sys.exit(main())
