"""Clips of noise and random glosses: what costs as much as signing does."""

import pathlib

import numpy as np


def arrays_of(config, clips, frames):
    """A batch `(x, y)` of a model's `config`, as numpy."""
    rng = np.random.default_rng(0)
    shape = (clips, frames, *config.size, 3)
    x = {
        "video": rng.integers(0, 256, shape, "uint8"),
        "num_frames": np.full(clips, frames, "int32"),
    }
    return x, rng.integers(1, config.num_classes, (clips, _glosses(frames)), "int32")


def tensors_of(arrays):
    """A batch as tensors, on the device of the backend."""
    import keras

    return keras.tree.map_structure(keras.ops.convert_to_tensor, arrays)


def packed_corpus(folder, config, clips, frames, say):
    """A corpus of clips that all show the same noise, packed into a file and opened.

    Its frames are cropped anywhere out of pictures an eighth as large again, and each
    is shown once, so that all clips are of one length.

    Args:
        folder: of the file.
        config: of the model that reads it.
        clips: how many.
        frames: of a clip.
        say: function that shows a line of text.
    """
    from dtf_keras import data
    from dtf_keras.input_format import InputFormat

    vocabulary = data.Vocabulary(f"G{n}" for n in range(1, config.num_classes))
    input_format = InputFormat(*config.size, crop=0.875)
    rng = np.random.default_rng(0)
    shown = rng.integers(0, 256, (frames, *input_format.read_shape), "uint8")
    drawn = rng.choice(vocabulary.glosses, (clips, _glosses(frames)))
    corpus = data.Corpus(
        name="noise",
        split="train",
        vocabulary=vocabulary,
        clips=[
            data.Clip(f"clip{n}", tuple(map(str, glosses)), "nobody", frames)
            for n, glosses in enumerate(drawn)
        ],
        input_format=input_format,
        read=lambda index: shown,
    )
    file = pathlib.Path(folder) / "noise.h5"
    data.pack([corpus], file, say=say)
    return data.load("packed", "train", root=file, say=say)


def _glosses(frames):
    return max(frames // 16, 1)
