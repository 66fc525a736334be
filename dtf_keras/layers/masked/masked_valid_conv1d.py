import keras
from keras import ops

from dtf_keras.layers.masked.masking import MaskAtRunTime, mask_or_all
from dtf_keras.layers.time_geometry import valid_convolution


@keras.saving.register_keras_serializable(package="dtf_keras")
class MaskedValidConv1D(MaskAtRunTime, keras.layers.Conv1D):
    """`keras.layers.Conv1D` over time without padding, that keeps the mask.

    An output step is real where all steps that its kernel covers are: a clip of n
    frames has n - (kernel_size - 1) real steps. An axis shorter than the kernel gives
    one masked step instead of an empty tensor. Features are the last axis, whatever
    `keras.config.image_data_format()` says.

    Args:
        filters: output features.
        kernel_size: frames a kernel covers.
        **kwargs: as `keras.layers.Conv1D`.

    Call arguments:
        inputs: `[B, T, D]`.
        mask: bool `[B, T]`, True = real frame.

    Output: `[B, max(T - kernel_size + 1, 1), filters]`, with its mask.

    Raises:
        ValueError: if asked for padding, a stride or a dilation.
    """

    def __init__(self, filters, kernel_size, **kwargs):
        kwargs.setdefault("data_format", "channels_last")
        super().__init__(filters, kernel_size, **kwargs)
        fixed = ("valid", (1,), (1,), "channels_last")
        if fixed != (
            self.padding,
            self.strides,
            self.dilation_rate,
            self.data_format,
        ):
            raise ValueError(
                "MaskedValidConv1D reads [B, T, D] step by step: leave out padding, "
                "strides, dilation_rate and data_format."
            )
        self.supports_masking = True

    def call(self, inputs, mask=None):
        return super().call(self._long_enough(inputs))

    def compute_mask(self, inputs, mask=None):
        mask = mask_or_all(inputs, mask)
        if isinstance(inputs, keras.KerasTensor):
            shape = self.compute_output_shape(inputs.shape)
            return keras.KerasTensor(shape[:2], dtype="bool")
        return self._long_enough(mask)[:, self.kernel_size[0] - 1 :]

    def compute_output_shape(self, input_shape):
        batch, length, _ = input_shape
        if length is not None:
            length = max(length - self.kernel_size[0] + 1, 1)
        return (batch, length, self.filters)

    def time_geometry(self):
        return valid_convolution(self.kernel_size[0])

    def _long_enough(self, x):
        """`[B, T, ...]` with zeros behind, up to a length of one kernel."""
        length, size = ops.shape(x)[1], self.kernel_size[0]
        fixed = isinstance(length, int)
        if fixed and length >= size:
            return x
        pad = [[0, 0], [0, size - 1]] + [[0, 0]] * (len(x.shape) - 2)
        longest = max(length, size) if fixed else ops.maximum(length, size)
        return ops.pad(x, pad)[:, :longest]
