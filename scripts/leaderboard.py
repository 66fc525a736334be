"""Measures every zoo model in the same way: python scripts/leaderboard.py --help."""

import sys

from dtf_keras.commands.leaderboard import main

if __name__ == "__main__":
    sys.exit(main())
