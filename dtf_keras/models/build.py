import keras

from dtf_keras.layers import BlankPadding, FrameBackbone, FrameMask
from dtf_keras.models import registry
from dtf_keras.models.recognizer import Recognizer


def build(name, config, num_frames=None):
    """Assembles a model: mask, backbone, the row's own layers, classifier.

    Args:
        name: registered name.
        config: its config.
        num_frames: T, to fix the time axis; `None` leaves it open.

    Returns:
        A `Recognizer`, named after the row.
    """
    size = config.frame_size
    video = keras.Input((num_frames, size, size, 3), dtype="float32", name="video")
    lengths = keras.Input((), dtype="int32", name="num_frames")
    x = FrameMask(name="frame_mask")([video, lengths])
    x = FrameBackbone(config.width, name="backbone")(x)
    x = registry.entry(name).build(x, config)
    logits = keras.layers.Dense(
        config.num_classes,
        kernel_initializer=keras.initializers.RandomNormal(stddev=0.02),
        dtype="float32",
        name="classifier",
    )(x)
    logits = BlankPadding(name="logits")(logits)
    model = Recognizer(
        inputs={"num_frames": lengths, "video": video}, outputs=logits, name=name
    )
    model.config = config
    return model
