"""A training step of one model, timed: a script, so that other versions can run it.

It asks nothing of another version but `zoo.get`, and runs as `python -P
training_step.py '{"model": ...}'` on whichever one its `PYTHONPATH` finds.
"""

import json
import math
import sys
import time


def measure(model, clips, frames, frame_size, width, classes, steps, share):
    """Times whole training steps on clips of noise: CTC, gradients and Adam.

    Args:
        model: its name in the zoo.
        clips, frames: of the batch.
        frame_size: side of the frames in pixels; `None`: the model's own.
        width: factor on its channels.
        classes: V, blank among them.
        steps: how many are timed, after two that are not.
        share: whether to compare with a plain matrix product, as this version can.

    Returns:
        Dict of `frames_per_second`, of the fastest step, and with `share` of
        `matrix_share`, where a step counts as three forward passes.
    """
    import numpy as np

    from dtf_keras import zoo

    size = {"frame_size": frame_size} if frame_size else {}
    network = zoo.get(model, weights=None, num_classes=classes, width=width, **size)
    network.compile()
    (video,) = (one for one in network.inputs if one.name == "video")
    draw = np.random.default_rng(1)
    x = {
        "video": draw.random((clips, frames, *video.shape[2:]), dtype="float32"),
        "num_frames": np.full([clips], frames, "int32"),
    }
    labels = draw.integers(1, classes, (clips, max(1, frames // 16))).astype("int32")
    fastest = math.inf
    for step in range(2 + steps):
        begin = time.perf_counter()
        network.train_on_batch(x, labels)
        if step >= 2:
            fastest = min(fastest, time.perf_counter() - begin)
    found = {"frames_per_second": clips * frames / fastest}
    if share:
        from dtf_keras.benchmarks.measure import matrix_peak
        from dtf_keras.models import flops_per_frame

        flops = 3 * flops_per_frame(model, network.config)
        rate = flops * found["frames_per_second"]
        found["matrix_share"] = rate / matrix_peak("float32")
    return found


if __name__ == "__main__":
    print(json.dumps(measure(**json.loads(sys.argv[1]))))
