"""How far a converted model is from a run of the published network."""

import pathlib

import numpy as np
from keras import ops

from dtf_keras.damage import damage_as


def read_run(path):
    """A run of the published network in torch: an `.npz` file.

    `video` `[B, T, H, W, 3]` or, as torch has it, `[B, T, 3, H, W]`, 0..1 floats or
    0..255 integers, without edge frames and other scaling that a network may want;
    `logits` `[B, T', V]` with the network's classes; and where clips are padded
    `num_frames` `[B]`.

    Returns:
        dict of arrays, the video channels-last.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is no such file.
    """
    path = pathlib.Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path} to check with.")

    def damaged(error):
        return ValueError(f"{path} is not an .npz file of arrays.")

    with damage_as(damaged), np.load(path, allow_pickle=False) as arrays:
        run = {name: arrays[name] for name in arrays.files}
    missing = {"video", "logits"} - run.keys()
    if missing:
        raise ValueError(f"{path} has no array {' and no '.join(sorted(missing))}.")
    for name, axes in (("video", 5), ("logits", 3)):
        if run[name].ndim != axes:
            raise ValueError(
                f"{path}: {name} has {run[name].ndim} axes, expected {axes}."
            )
    if run["video"].shape[-1] != 3 and run["video"].shape[2] == 3:
        run["video"] = run["video"].transpose(0, 1, 3, 4, 2)
    return run


def largest_difference(conversion, run):
    """The largest difference between two sets of logits, on each clip's real steps.

    A network may take padded frames for real ones, so a run on padded clips may differ.

    Args:
        conversion: `Conversion`.
        run: arrays as `read_run` gives them.

    Returns:
        float; NaN if either has NaN.

    Raises:
        ValueError: the run has other clips, steps or classes than the model gives.
    """
    model, classes = conversion.model, conversion.classes
    inputs = {"video": run["video"]}
    if "num_frames" in run:
        inputs["num_frames"] = run["num_frames"].astype("int32")
    logits = ops.convert_to_numpy(model.predict_on_batch(inputs))
    steps = ops.convert_to_numpy(model.valid_steps(logits))
    expected = run["logits"]
    if len(expected) != len(logits) or expected.shape[1] < steps.max(initial=0):
        raise ValueError(
            f"The run has logits of shape {expected.shape}, but the model gives "
            f"{len(logits)} clips of up to {steps.max(initial=0)} steps."
        )
    if expected.shape[2] <= classes.max():
        raise ValueError(
            f"The run has {expected.shape[2]} classes, the checkpoint more."
        )
    return max(
        float(np.abs(logits[clip, :n] - expected[clip, :n][:, classes]).max(initial=0))
        for clip, n in enumerate(steps)
    )
