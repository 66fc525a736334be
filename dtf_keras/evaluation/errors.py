"""What is raised where something cannot be scored."""


class ScoringError(ValueError):
    """A file or a clip that cannot be scored; the sentence names it."""
