"""Clips that cannot be used: an error that names them, or a line that counts them."""

from dtf_keras.data.vocabulary_file import SHOWN, some
from dtf_keras.values import one_of


def check_on_bad_clip(value):
    """Raises ValueError unless `value` is "stop" or "skip"."""
    one_of("on_bad_clip", value, ("stop", "skip"))


def report_bad_clips(label, wrong, total, on_bad_clip, say):
    """Says what is wrong with clips that are left out.

    Args:
        label: str, corpus and split, for people.
        wrong: dict of clip id to a sentence about it.
        total: int, how many clips there are.
        on_bad_clip: "stop" or "skip".
        say: function that shows a line of text.

    Raises:
        ValueError: there are such clips, and `on_bad_clip` is "stop".
    """
    if not wrong:
        return
    if on_bad_clip == "skip":
        say(f"{label}: {len(wrong)} of {total} clips are left out: {some(wrong)}.")
        for why in list(wrong.values())[:SHOWN]:
            say(f"  {why}")
        return
    first, more = next(iter(wrong.values())), len(wrong) - 1
    others = f" So it is with {more} more clips." if more else ""
    raise ValueError(
        f"{label}: {first}{others} Mend the corpus, or leave such clips out with "
        "--on-bad-clip skip (on_bad_clip='skip')."
    )
