"""A PHOENIX release in its real layout, with few small drawn frames."""

import numpy as np
from PIL import Image, ImageDraw

from dtf_keras.data.corpora.phoenix import OUTLIERS
from dtf_keras.data.corpora.phoenix_release import (
    ANNOTATIONS,
    FRAMES,
    MULTISIGNER,
    TRANSLATION,
)

COLOURS = {
    "REGEN": (220, 0, 0),
    "WIND": (0, 220, 0),
    "loc-NORD": (0, 0, 220),
    "__ON__": (220, 220, 0),
}
WIDTH, HEIGHT = 42, 52
FRAMES_A_GLOSS = 8
PICTURE = "{name}.avi_pid0_fn{index:06}-0.png"
PICTURE_OF_TRANSLATION = "images{number:04}.png"
CLIPS = {"train": 12, "dev": 4, "test": 4}


def write_release(root, release=MULTISIGNER, clips=None, unknown=True):
    """Writes a release: two glosses a clip, a background colour each.

    The last training clip is the known outlier; the first clip of dev has a gloss
    more, which training never signs, if `unknown`. Some annotations have blanks at
    their ends.

    Returns:
        The innermost folder of the release.
    """
    folder = root.joinpath(*release.folders)
    picture = PICTURE_OF_TRANSLATION if release is TRANSLATION else PICTURE
    rng = np.random.default_rng(0)
    for split, count in (clips or CLIPS).items():
        rows = []
        for number in range(count):
            name = f"{number:02}April_2010_Thursday_{split}_default-{number}"
            if split == "train" and number == count - 1:
                name = OUTLIERS[0]
            glosses = [str(g) for g in rng.choice(list(COLOURS), 2, replace=False)]
            if unknown and split == "dev" and number == 0:
                glosses.append("SCHNEE")
            frames = _pictures(folder, release, split, name)
            write_frames(frames, name, glosses, rng, picture)
            rows.append((name, glosses, f"Signer0{1 + number % 9}"))
        _annotate(folder, release, split, rows)
    return folder


def write_frames(pictures, name, glosses, rng, names=PICTURE):
    """Draws the frames of a clip into a folder, as PNG files; `names` is theirs."""
    pictures.mkdir(parents=True)
    for index in range(FRAMES_A_GLOSS * len(glosses)):
        colour = COLOURS.get(glosses[index // FRAMES_A_GLOSS], (90, 90, 90))
        picture = Image.new("RGB", (WIDTH, HEIGHT), colour)
        x, y = rng.integers(5, 35, 2).tolist()
        hand = tuple(rng.integers(150, 220, 3).tolist())
        ImageDraw.Draw(picture).ellipse([x, y, x + 4, y + 4], fill=hand)
        number = index + 1
        picture.save(pictures / names.format(name=name, index=index, number=number))


def pictures(release, split="train", number=2):
    """The folder with the frames of a clip of phoenix2014, and the clip's id."""
    folder = sorted((release / FRAMES / split).iterdir())[number] / "1"
    return folder, folder.parent.name


def _pictures(folder, release, split, name):
    below = (name,) if release is TRANSLATION else (name, "1")
    return folder.joinpath(FRAMES, split, *below)


def _annotate(folder, release, split, rows):
    if release is TRANSLATION:
        lines = ["name|video|start|end|speaker|orth|translation"]
        lines += [
            f'{name}|{name}/1/*.png|-1|-1|{signer}|{" ".join(glosses)}|im "norden'
            for name, glosses, signer in rows
        ]
    else:
        lines = ["id|folder|signer|annotation"]
        lines += [
            f"{name}|{name}/1/*.png|{signer}| {'  '.join(glosses)} "
            for name, glosses, signer in rows
        ]
    table = folder / ANNOTATIONS / release.tables[0].format(split=split)
    table.parent.mkdir(parents=True, exist_ok=True)
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
