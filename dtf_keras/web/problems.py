"""What can go wrong with the web page."""


class WebError(ValueError):
    """The page cannot be made or served; the sentence says why, and the mend."""
