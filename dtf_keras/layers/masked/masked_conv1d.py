import keras

from dtf_keras.layers.masked.masking import MaskAtRunTime, mask_or_all, zero_padding
from dtf_keras.layers.time_geometry import causal_convolution, same_convolution


@keras.saving.register_keras_serializable(package="dtf_keras")
class MaskedConv1D(MaskAtRunTime, keras.layers.Conv1D):
    """`keras.layers.Conv1D` over time that reads padding as zeros and keeps the mask.

    Zeroed padded frames look to the kernel exactly like the border of a clip, so a
    clip's real frames come out the same alone and inside any padded batch.
    The length must not change: `padding` is `"same"` or `"causal"`, strides are 1.
    Features are the last axis, whatever `keras.config.image_data_format()` says.

    Call arguments:
        inputs: `[B, T, D]`.
        mask: bool `[B, T]`, True = real frame.

    Output: `[B, T, filters]`, with the same mask.

    Raises:
        ValueError: if `padding` is `"valid"`, a stride is not 1, or `data_format` is
            `"channels_first"`.
    """

    def __init__(self, filters, kernel_size, padding="same", **kwargs):
        kwargs.setdefault("data_format", "channels_last")
        super().__init__(filters, kernel_size, padding=padding, **kwargs)
        if padding not in ("same", "causal") or self.strides != (1,):
            raise ValueError(
                "MaskedConv1D keeps the number of frames: use padding='same' or "
                f"'causal' and strides=1. Received padding={padding!r}, "
                f"strides={self.strides}."
            )
        if self.data_format != "channels_last":
            raise ValueError(
                "MaskedConv1D reads [B, T, D], features last. Received "
                f"data_format={self.data_format!r}."
            )
        self.supports_masking = True

    def call(self, inputs, mask=None):
        return super().call(zero_padding(inputs, mask))

    def compute_mask(self, inputs, mask=None):
        return mask_or_all(inputs, mask)

    def time_geometry(self):
        kind = causal_convolution if self.padding == "causal" else same_convolution
        return kind(self.kernel_size[0], self.dilation_rate[0])
