"""Writes the table of the zoo's presets: python scripts/leaderboard.py --help."""

try:
    from dtf_keras.commands.process import start
except KeyboardInterrupt:
    raise SystemExit(130) from None

if __name__ == "__main__":
    start("leaderboard")
