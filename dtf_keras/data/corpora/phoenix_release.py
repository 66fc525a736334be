"""Where the RWTH-PHOENIX-Weather releases keep their annotations and frames."""

import dataclasses
import pathlib

ANNOTATIONS = pathlib.PurePath("annotations", "manual")
FRAMES = pathlib.PurePath("features", "fullFrame-210x260px")
SPLITS = ("train", "dev", "test")
FRAME_RATE = 25.0


@dataclasses.dataclass(frozen=True)
class Release:
    """A released corpus.

    Attributes:
        name: str, as registered here.
        variable: environment variable with its place.
        folders: names of the released folders, from the outermost inwards.
        tables: names that a split's annotations may have, with `{split}` in them.
        columns: which columns hold a clip's id, glosses and signer.
        pictures: the frames below the split's folder, with columns in `{}`.
    """

    name: str
    variable: str
    folders: tuple[str, str]
    tables: tuple[str, ...]
    columns: tuple[str, str, str]
    pictures: str


MULTISIGNER = Release(
    name="phoenix2014",
    variable="DTF_KERAS_PHOENIX2014",
    folders=("phoenix2014-release", "phoenix-2014-multisigner"),
    tables=("{split}.corpus.csv",),
    columns=("id", "annotation", "signer"),
    pictures="{folder}",
)
SI5 = dataclasses.replace(
    MULTISIGNER,
    name="phoenix2014_si5",
    folders=("phoenix2014-release", "phoenix-2014-signerindependent-SI5"),
    tables=("{split}.SI5.corpus.csv", "{split}.corpus.csv"),
)
TRANSLATION = Release(
    name="phoenix2014t",
    variable="DTF_KERAS_PHOENIX2014T",
    folders=("PHOENIX-2014-T-release-v3", "PHOENIX-2014-T"),
    tables=("PHOENIX-2014-T.{split}.corpus.csv",),
    columns=("name", "orth", "speaker"),
    pictures="{name}/*.png",
)
RELEASES = (MULTISIGNER, SI5, TRANSLATION)


def find_release(release, root):
    """The innermost folder of a release: the one with annotations and features.

    Args:
        release: `Release`.
        root: path of that folder or of one around it.

    Raises:
        FileNotFoundError: it is not there; the sentence says what was looked for and
            what was found.
    """
    for place in _places(release, root):
        if release in _releases_in(place):
            return place
    for other in RELEASES:
        for place in _places(other, root):
            if other in _releases_in(place):
                raise FileNotFoundError(
                    f"{release.name}: {place} is the release of {other.name}: load "
                    f"{other.name}, or give another root."
                )
    places = _places(release, root)
    tables = [find_table(release, place, "train") for place in places]
    manual = [place / ANNOTATIONS for place in places]
    found = next(filter(pathlib.Path.is_dir, manual), root)
    raise FileNotFoundError(
        f"{release.name}: {root} is not the released corpus. Looked in it for "
        f"{', '.join(str(table.relative_to(root)) for table in tables)}; {found} has "
        f"{content(found)}."
    )


def find_table(release, folder, split):
    """The path of a split's annotations: where they are, or else should be."""
    names = [table.format(split=split) for table in release.tables]
    paths = [folder / ANNOTATIONS / name for name in names]
    return next(filter(pathlib.Path.is_file, paths), paths[0])


def _places(release, root):
    outer, inner = release.folders
    return [root, root / inner, root / outer / inner]


def _releases_in(folder):
    """Those whose innermost folder this may be: its name says more than its tables."""
    held = [one for one in RELEASES if find_table(one, folder, "train").is_file()]
    named = [one for one in held if one.folders[-1] == folder.resolve().name]
    return named or held


def content(folder, shown=6):
    """Names in a folder, for a sentence."""
    if not folder.is_dir():
        return f"no folder {folder}"
    names = sorted(path.name for path in folder.iterdir())
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more if names else "nothing"
