"""Recognizes the glosses of clips: python scripts/predict.py --help."""

import sys

from dtf_keras.commands.predict import main

if __name__ == "__main__":
    sys.exit(main())
