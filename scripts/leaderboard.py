"""Writes the table of the zoo's presets: python scripts/leaderboard.py --help."""

import sys

from dtf_keras.commands.leaderboard import main

if __name__ == "__main__":
    sys.exit(main())
