"""Pulls and verifies pretrained weights: python scripts/pull.py --help."""

try:
    from dtf_keras.commands.process import start
except KeyboardInterrupt:
    raise SystemExit(130) from None

if __name__ == "__main__":
    start("pull")
