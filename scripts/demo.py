"""Serves a page that reads letters off the camera: python scripts/demo.py --help."""

import sys

from dtf_keras.commands.demo import main

if __name__ == "__main__":
    sys.exit(main())
