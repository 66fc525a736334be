"""The forms of a model's inputs, made one."""

import keras
from keras import ops


def with_lengths(inputs, frame_shape, name):
    """Video of floats and the lengths of its clips.

    Args:
        inputs: `{"video": [B, T, H, W, 3], "num_frames": [B]}`, other keys ignored; or
            without `num_frames`, or a plain video tensor, where nothing is padded.
            Integer video is 0..255, float video 0..1.
        frame_shape: `(H, W, 3)`.
        name: of the model, for messages.

    Returns:
        Dict of `video`, float 0..1, and `num_frames`, int.

    Raises:
        ValueError: no video, or one of another shape, or lengths of other clips.
    """
    video, num_frames = inputs, None
    if isinstance(inputs, dict):
        if "video" not in inputs:
            raise ValueError(
                "The model reads the keys 'video' and 'num_frames'. "
                f"Received: {sorted(inputs)}."
            )
        video, num_frames = inputs["video"], inputs.get("num_frames")
    if not isinstance(video, keras.KerasTensor):
        video = ops.convert_to_tensor(video)
    _check_video(video, tuple(frame_shape), name)
    if num_frames is None:
        first_pixels = video[:, :, 0, 0, 0]  # (B, T)
        num_frames = ops.sum(ops.ones_like(first_pixels, dtype="int32"), axis=1)
    elif not isinstance(num_frames, keras.KerasTensor):
        num_frames = ops.convert_to_tensor(num_frames, dtype="int32")
    clips, counts = video.shape[0], tuple(num_frames.shape)
    if len(counts) != 1 or (None not in (clips, *counts) and counts != (clips,)):
        raise ValueError(
            "num_frames has one whole number a clip, the frames that are not padding. "
            f"Received shape {counts} for video of shape {tuple(video.shape)}."
        )
    if "int" in keras.backend.standardize_dtype(video.dtype):
        video = ops.cast(video, "float32") / 255.0
    return {"num_frames": num_frames, "video": video}


def _check_video(video, frame_shape, name):
    try:
        shape = tuple(video.shape)
    except ValueError:  # TensorFlow: not even the number of axes is known
        return
    if len(shape) == 5 and shape[2:] == frame_shape:
        return
    mend = "resize the frames, or build the model with another frame_size"
    if len(shape) == 4:
        mend = "give one clip as a batch of one, video[None]"
    height, width, channels = frame_shape
    raise ValueError(
        f"Model '{name}' reads video [B, T, {height}, {width}, {channels}]. Received "
        f"shape {shape}: {mend}."
    )
