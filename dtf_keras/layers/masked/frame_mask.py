import keras
from keras import ops

from dtf_keras.layers.masked.masking import MaskAtRunTime, lengths_to_mask
from dtf_keras.layers.time_geometry import STEP_BY_STEP


@keras.saving.register_keras_serializable(package="dtf_keras")
class FrameMask(MaskAtRunTime, keras.layers.Layer):
    """Hangs the mask of each clip's real frames on a padded batch.

    The values pass through unchanged; `compute_mask` makes the mask from the counts,
    so it is computed anew inside every jitted function.

    Call arguments:
        inputs: `(video, num_frames)`: frames `[B, T, ...]` and the number of real
            frames of each clip, int `[B]`.

    Output: the frames `[B, T, ...]`, with a mask `[B, T]`.

    Example:

    >>> video = np.zeros((2, 5, 8, 8, 3), "float32")
    >>> FrameMask()((video, np.array([5, 3])))
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, input_shape):
        self.built = True

    def call(self, inputs):
        video, _ = inputs
        return ops.copy(video)  # the caller's own tensor must not get our mask

    def compute_mask(self, inputs, mask=None):
        video, num_frames = inputs
        if isinstance(video, keras.KerasTensor):
            return keras.KerasTensor(video.shape[:2], dtype="bool")
        return lengths_to_mask(num_frames, ops.shape(video)[1])

    def compute_output_shape(self, input_shape):
        return input_shape[0]

    def time_geometry(self):
        return STEP_BY_STEP
