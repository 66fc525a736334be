"""Uploads a preset to the hub: python scripts/push.py --help."""

import sys

from dtf_keras.commands.push import main

if __name__ == "__main__":
    sys.exit(main())
