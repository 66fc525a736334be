"""Scores a trained model or a CTM file: python scripts/evaluate.py --help."""

import sys

from dtf_keras.commands.evaluate import main

if __name__ == "__main__":
    sys.exit(main())
