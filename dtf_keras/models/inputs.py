"""The forms of a model's inputs, made one."""

import keras
from keras import ops


def with_lengths(inputs, clips_name, frame_shape, name):
    """Clips of floats and their lengths.

    Args:
        inputs: dict of the clips, `[B, T, *frame_shape]`, under their name, and
            `num_frames`, `[B]`, other keys ignored; or without `num_frames`, or a plain
            tensor of clips, where nothing is padded. Integer video is 0..255, float
            video 0..1.
        clips_name: "video" or "landmarks".
        frame_shape: `(H, W, 3)` or `(21, 2)`.
        name: of the model, for messages.

    Returns:
        Dict of the clips, float, and `num_frames`, int.

    Raises:
        ValueError: no clips, or some of another shape, or lengths of other clips.
    """
    clips, num_frames = inputs, None
    if isinstance(inputs, dict):
        if clips_name not in inputs:
            raise ValueError(
                f"The model reads the keys {clips_name!r} and 'num_frames'. "
                f"Received: {sorted(inputs)}."
            )
        clips, num_frames = inputs[clips_name], inputs.get("num_frames")
    if not isinstance(clips, keras.KerasTensor):
        clips = ops.convert_to_tensor(clips)
    _check_clips(clips, clips_name, tuple(frame_shape), name)
    if num_frames is None:
        first = clips[(slice(None), slice(None), *[0] * len(frame_shape))]  # (B, T)
        num_frames = ops.sum(ops.ones_like(first, dtype="int32"), axis=1)
    elif not isinstance(num_frames, keras.KerasTensor):
        num_frames = ops.convert_to_tensor(num_frames, dtype="int32")
    batch, counts = clips.shape[0], tuple(num_frames.shape)
    if len(counts) != 1 or (None not in (batch, *counts) and counts != (batch,)):
        raise ValueError(
            "num_frames has one whole number a clip, the frames that are not padding. "
            f"Received shape {counts} for {clips_name} of shape {tuple(clips.shape)}."
        )
    if "int" in keras.backend.standardize_dtype(clips.dtype):
        clips = ops.cast(clips, "float32")
        clips = clips / 255.0 if clips_name == "video" else clips
    return {"num_frames": num_frames, clips_name: clips}


def _check_clips(clips, clips_name, frame_shape, name):
    try:
        shape = tuple(clips.shape)
    except ValueError:  # TensorFlow: not even the number of axes is known
        return
    axes = 2 + len(frame_shape)
    if len(shape) == axes and shape[2:] == frame_shape:
        return
    mend = "resize the frames, or build the model with another frame_size"
    if clips_name == "landmarks":
        mend = "give the points of one hand, in palm lengths"
    if len(shape) == axes - 1:
        mend = f"give one clip as a batch of one, {clips_name}[None]"
    wanted = ", ".join(map(str, frame_shape))
    raise ValueError(
        f"Model '{name}' reads {clips_name} [B, T, {wanted}]. Received shape {shape}: "
        f"{mend}."
    )
