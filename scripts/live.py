"""Recognizes what is signed before a camera: python scripts/live.py --help."""

import sys

from dtf_keras.commands.live import main

if __name__ == "__main__":
    sys.exit(main())
