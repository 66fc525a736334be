"""Writes the tables of README and docs: python scripts/leaderboard.py --help."""

try:
    from dtf_keras.commands.process import start
except KeyboardInterrupt:
    raise SystemExit(130) from None

if __name__ == "__main__":
    start("leaderboard")
