"""Where models come from, and the word error rates that others report of them.

What others report is data with its source beside it, in `reported.csv`; nothing of it
was measured here.
"""

import csv
import dataclasses
import functools
import pathlib

from dtf_keras.words import unknown

_REPORTED = pathlib.Path(__file__).with_name("reported.csv")


@dataclasses.dataclass(frozen=True)
class Source:
    """A paper with its code, or one of the two alone, that models re-build."""

    key: str
    """Short name, by which models and figures refer to it."""
    paper: str
    """Title, venue and year; of code without a paper, what it is."""
    repository: str | None = None
    """`OWNER/NAME` on GitHub; `None` where no code is known, as the next three."""
    commit: str | None = None
    """Commit of the repository that was read."""
    read_of: str | None = None
    """Date of that commit."""
    licence: str | None = None
    """SPDX name, "none" where the repository has no licence."""
    arxiv: str | None = None
    """Number of the paper on arXiv."""

    def __str__(self):
        number = f", arXiv {self.arxiv}" if self.arxiv else ""
        code = "no code of it is known"
        if self.repository:
            code = (
                f"{self.repository} ({self.commit}, {self.read_of}; "
                f"licence: {self.licence})"
            )
        return f"{self.paper}{number}; {code}"


_VAC = {
    "repository": "VIPL-SLP/VAC_CSLR",
    "commit": "71f3e03",
    "read_of": "2023-03-23",
    "licence": "Apache-2.0",
}

SOURCES = {
    source.key: source
    for source in (
        Source(
            "dynamic_temporal_fusion",
            "Dynamic temporal fusion, experiments of 2020 without a paper",
            repository="PanXiebit/dynamic_temporal_fusion",
            commit="f515ce1",
            read_of="2020-10-19",
            licence="none",
        ),
        Source(
            "vac",
            "Visual Alignment Constraint for Continuous Sign Language Recognition, "
            "ICCV 2021",
            **_VAC,
            arxiv="2104.02330",
        ),
        Source(
            "smkd",
            "Self-Mutual Distillation Learning for Continuous Sign Language "
            "Recognition, ICCV 2021",
            **_VAC,
        ),
        Source(
            "corrnet",
            "Continuous Sign Language Recognition with Correlation Network, CVPR 2023",
            repository="hulianyuyy/CorrNet",
            commit="c5f903c",
            read_of="2025-01-29",
            licence="none",
            arxiv="2303.03202",
        ),
        Source(
            "corrnet_plus",
            "CorrNet+: Sign Language Recognition and Translation via Spatial-Temporal "
            "Correlation, 2024",
            repository="hulianyuyy/CorrNet_Plus",
            commit="f58b4ed",
            read_of="2025-01-29",
            licence="none",
            arxiv="2404.11111",
        ),
        Source(
            "sen",
            "Self-Emphasizing Network for Continuous Sign Language Recognition, "
            "AAAI 2023",
            repository="hulianyuyy/SEN_CSLR",
            commit="c9a4c7e",
            read_of="2025-01-29",
            licence="Apache-2.0",
            arxiv="2211.17081",
        ),
        Source(
            "slowfast",
            "SlowFast Network for Continuous Sign Language Recognition, ICASSP 2024",
            repository="kaistmm/SlowFastSign",
            commit="37d1b6c",
            read_of="2025-07-04",
            licence="none",
            arxiv="2309.12304",
        ),
        Source(
            "tlp",
            "Temporal Lift Pooling for Continuous Sign Language Recognition, ECCV 2022",
            repository="hulianyuyy/Temporal-Lift-Pooling",
            commit="21be215",
            read_of="2024-07-10",
            licence="none",
            arxiv="2207.08734",
        ),
        Source(
            "mltsf",
            "Multi-Scale Local-Temporal Similarity Fusion for Continuous Sign Language "
            "Recognition, 2021",
            arxiv="2107.12762",
        ),
    )
}
"""The `Source` of each key."""


@dataclasses.dataclass(frozen=True)
class Reported:
    """A word error rate as its source reports it; not measured here."""

    model: str
    """Name in the zoo."""
    recipe: str
    """What was done with the model there; a key, unique of a model, corpus, split."""
    corpus: str
    """Name of the corpus in `dtf_keras.data`."""
    split: str
    """ "dev" or "test"."""
    wer: float
    """Per cent."""
    source: str
    """Key of `SOURCES`."""
    where: str
    """Where the source says so."""


def source(key):
    """The `Source` of that key.

    Raises:
        ValueError: there is none; names the closest ones.
    """
    if key not in SOURCES:
        raise ValueError(unknown("source", key, SOURCES))
    return SOURCES[key]


def reported(model=None, recipe=None, corpus=None, split=None):
    """The figures that others report, in the order of their file.

    Args:
        model, recipe, corpus, split: those of this one alone; all by default.

    Returns:
        Tuple of `Reported`.

    Example:

    >>> [one.wer for one in reported("full_conv_v6", recipe="residual")]
    [38.7]
    """
    wanted = {"model": model, "recipe": recipe, "corpus": corpus, "split": split}
    wanted = {column: value for column, value in wanted.items() if value is not None}
    return tuple(
        one
        for one in _all_reported()
        if all(getattr(one, column) == value for column, value in wanted.items())
    )


@functools.cache
def _all_reported():
    with _REPORTED.open(encoding="utf-8", newline="") as file:
        return tuple(
            Reported(**{**row, "wer": float(row["wer"])})
            for row in csv.DictReader(file)
        )
