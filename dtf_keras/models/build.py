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
    reads = input_format(name, config)
    shape, clips = (num_frames, *reads.frame_shape), reads.input_name
    frames = keras.Input(shape, dtype="float32", name=clips)
    lengths = keras.Input((), dtype="int32", name="num_frames")
    # A hand goes far in a clip, and its steps are short: no halves for landmarks.
    policy = "float32" if reads.of_landmarks else None
    masked = FrameMask(dtype=policy, name="frame_mask")([frames, lengths])
    heads = entry.network({clips: masked}, config)
    if not isinstance(heads, dict):
        heads = {LOGITS: heads}
    outputs = {
        head: BlankPadding(not config.padded_lengths, name=head)(logits)
        for head, logits in heads.items()
    }
    model = Recognizer(
        inputs={"num_frames": lengths, clips: frames},
        outputs=outputs if len(outputs) > 1 else outputs[LOGITS],
        name=name,
    )
    model.config = config
    model.input_format = reads
    return model


def outline(name, config, num_frames=None):
    """As `build`, but for its shapes alone: its weights have no values yet.

    To count what a model has and costs takes a tenth of the time then.
    """
    with keras.StatelessScope(initialize_variables=False):
        return build(name, config, num_frames)


def input_format(name, config):
    """The `InputFormat` of recorded clips that a model of the zoo reads.

    Args:
        name: registered name.
        config: its config.
    """
    if config.input == "landmarks":
        return InputFormat(kind="hand_landmarks")
    return InputFormat(*config.size, **registry.entry(name).input)
