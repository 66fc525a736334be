import keras

from dtf_keras.input_format import InputFormat
from dtf_keras.layers import BlankPadding, FrameMask
from dtf_keras.models import registry
from dtf_keras.models.recognizer import LOGITS, Recognizer


def build(name, config, num_frames=None):
    """Assembles a model: the mask of real frames, its network, blank on padded steps.

    Args:
        name: registered name.
        config: its config.
        num_frames: T, to fix the time axis; `None` leaves it open.

    Returns:
        A `Recognizer`, named after the row.
    """
    entry = registry.entry(name)
    height, width = config.size
    video = keras.Input((num_frames, height, width, 3), dtype="float32", name="video")
    lengths = keras.Input((), dtype="int32", name="num_frames")
    masked = FrameMask(name="frame_mask")([video, lengths])
    heads = entry.network({"video": masked}, config)
    if not isinstance(heads, dict):
        heads = {LOGITS: heads}
    outputs = {
        head: BlankPadding(not config.padded_lengths, name=head)(logits)
        for head, logits in heads.items()
    }
    model = Recognizer(
        inputs={"num_frames": lengths, "video": video},
        outputs=outputs if len(outputs) > 1 else outputs[LOGITS],
        name=name,
    )
    model.config = config
    model.input_format = InputFormat(height, width, **entry.input)
    return model
