"""Releases of PHOENIX and CSL-Daily in their real layout, with few drawn frames."""

import pickle

import numpy as np
from PIL import Image, ImageDraw

from dtf_keras.data.corpora import csl_daily
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
CSL_PICTURE = "{index:06}.jpg"
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


def write_csl_daily(root, clips=None, frames=csl_daily.FRAMES[0]):
    """Writes a release of CSL-Daily: two glosses a clip, a background colour each.

    The first training clip is the one that is not released; one that is annotated is in
    no split. `frames` is the folder of the frames.

    Returns:
        `root`.
    """
    rng = np.random.default_rng(0)
    info, lines = [], ["name|split"]
    for split, count in (clips or CLIPS).items():
        for number in range(count):
            name = f"S{100 + len(lines):06}_P{number % 10:04}_T00"
            if (split, number) == ("train", 0):
                lines.append(f"{csl_daily.NOT_RELEASED[0]}|{split}")
                continue
            lines.append(f"{name}|{split}")
            info.append(_csl_daily_clip(name, rng, signer=number % 10))
            write_frames(
                root / frames / name, name, info[-1]["label_gloss"], rng, CSL_PICTURE
            )
    info.append(_csl_daily_clip("S000007_P0003_T00", rng, signer=3))
    write_annotations(root, info)
    table = root / csl_daily.LABELS / csl_daily.SPLIT_TABLE
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return root


def write_annotations(root, info):
    """Writes the pickle of CSL-Daily's annotations; `info` is its list of clips."""
    path = root / csl_daily.ANNOTATIONS
    path.parent.mkdir(parents=True, exist_ok=True)
    maps = {f"{kind}_map": ["<pad>"] for kind in ("gloss", "char", "word", "postag")}
    path.write_bytes(pickle.dumps({"info": info, **maps}))


def read_annotations(root):
    """The list of clips that `write_annotations` wrote."""
    return pickle.loads((root / csl_daily.ANNOTATIONS).read_bytes())["info"]


def _csl_daily_clip(name, rng, signer):
    glosses = [str(g) for g in rng.choice(list(COLOURS), 2, replace=False)]
    return {
        "name": name,
        "length": FRAMES_A_GLOSS * len(glosses),
        "label_gloss": glosses,
        "label_char": ["北", "方"],
        "label_word": ["北方"],
        "label_postag": ["n"],
        "signer": np.int64(signer),
        "time": 0,
    }


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
