"""Makes a preset of a finished run: python scripts/preset.py --help."""

import sys

from dtf_keras.commands.preset import main

if __name__ == "__main__":
    sys.exit(main())
