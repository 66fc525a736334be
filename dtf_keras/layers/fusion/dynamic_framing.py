import keras
from keras import ops

from dtf_keras.layers.fusion.neighbourhood import find_neighbours
from dtf_keras.layers.masked.masking import MaskAtRunTime, gather_frames, mask_or_all
from dtf_keras.layers.time_geometry import TimeGeometry
from dtf_keras.values import whole_number


@keras.saving.register_keras_serializable(package="dtf_keras")
class DynamicFraming(MaskAtRunTime, keras.layers.Layer):
    """Gathers for every frame the k frames that look most like it, in time order.

    The building stone of the temporal attention layers, for models that fuse the
    neighbours in their own way. Gradient flows through the gathered frames, not
    through the choice.

    Args:
        window: k; candidates of frame i are the real frames j with |i-j| <= k-1.

    Call arguments:
        inputs: `[B, T, D]`.
        mask: bool `[B, T]`, True = real frame.

    Output: `[B, T, k, D]`, zeros in slots a short clip cannot fill, with a mask
    `[B, T, k]` of the filled slots.

    Raises:
        ValueError: if `window` is no whole number from 1.
    """

    def __init__(self, window=16, **kwargs):
        super().__init__(**kwargs)
        self.window = whole_number("window", window)
        self.supports_masking = True

    def build(self, input_shape):
        self.built = True

    def call(self, inputs, mask=None):
        near = find_neighbours(inputs, mask_or_all(inputs, mask), self.window)
        gathered = gather_frames(inputs, near.frames)
        empty = ops.zeros((), dtype=gathered.dtype)
        return ops.where(near.slots[..., None], gathered, empty)

    def compute_mask(self, inputs, mask=None):
        if isinstance(inputs, keras.KerasTensor):
            return keras.KerasTensor((*inputs.shape[:2], self.window), dtype="bool")
        return find_neighbours(inputs, mask_or_all(inputs, mask), self.window).slots

    def compute_output_shape(self, input_shape):
        return (*input_shape[:2], self.window, input_shape[-1])

    def time_geometry(self):
        return TimeGeometry(before=self.window - 1, after=self.window - 1)

    def get_config(self):
        return {**super().get_config(), "window": self.window}
