"""Recognized glosses as subtitles, for any video player."""

from dtf_keras.words import printable

SHORTEST = 0.2  # seconds that a subtitle is shown, if the next one leaves it room
_ALIKE = str.maketrans("<>{}\\", "‹›()∖")


def webvtt(glosses):
    """The text of a WebVTT file.

    Args:
        glosses: sequence of `RecognizedGloss`, such as a `Recognition`.
    """
    cues = [
        f"{_clock(start, '.')} --> {_clock(end, '.')}\n{_escaped(gloss)}\n"
        for start, end, gloss in _cues(glosses)
    ]
    return "\n".join(["WEBVTT\n", *cues])


def srt(glosses):
    """The text of an SRT (SubRip) file; argument as `webvtt`.

    SRT has no way to write the signs of its arrows, tags and commands as themselves:
    signs that look alike stand for them, `‹unk›` for `<unk>`.
    """
    return "\n".join(
        f"{number}\n{_clock(start, ',')} --> {_clock(end, ',')}\n"
        f"{gloss.translate(_ALIKE)}\n"
        for number, (start, end, gloss) in enumerate(_cues(glosses), start=1)
    )


def _cues(glosses):
    """Start, end and text; many a gloss is decided on too fast to be read."""
    starts = [*(gloss.start for gloss in glosses), float("inf")]
    for gloss, following in zip(glosses, starts[1:], strict=True):
        end = max(gloss.end, min(gloss.start + SHORTEST, following))
        yield gloss.start, end, printable(gloss.gloss)


def _clock(seconds, point):
    milliseconds = round(1000 * seconds)
    minutes, milliseconds = divmod(milliseconds, 60_000)
    seconds, milliseconds = divmod(milliseconds, 1000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{point}{milliseconds:03}"


def _escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
