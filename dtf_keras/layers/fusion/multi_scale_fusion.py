import keras
from keras import ops

from dtf_keras.layers.fusion.temporal_attention import TemporalAttention3
from dtf_keras.layers.masked.masking import MaskAtRunTime, mask_or_all
from dtf_keras.layers.time_geometry import TimeGeometry


@keras.saving.register_keras_serializable(package="dtf_keras")
class MultiScaleFusion(MaskAtRunTime, keras.layers.Layer):
    """Fuses every frame with its neighbours in windows of several sizes.

    Each window is a `TemporalAttention3` of its own: the frames in it that look most
    like the frame, made one feature. A gate weighs these features, one number each: the
    softmax of a dense layer on the frame's own feature and all fused ones, in float32.
    T stays T.

    References: our reading of the scales and the content-dependent aggregator of arXiv
    2107.12762, of which neither the sizes nor the formula were at hand.

    Args:
        windows: k of each window: two or more, all different.
        residual: add the frames' own features.
        fusion: as `TemporalFusion`, of every window.

    Call arguments:
        inputs: `[B, T, D]`.
        mask: bool `[B, T]`, True = real frame.

    Output: `[B, T, D]`, with the mask of the input.

    Raises:
        ValueError: if a window is no whole number from 1, there are fewer than two or
            one twice, or `fusion` is unknown.

    Example:

    >>> features = np.random.rand(2, 40, 64).astype("float32")
    >>> MultiScaleFusion(windows=(4, 8))(features).shape
    (2, 40, 64)
    """

    def __init__(self, windows=(4, 8, 16), residual=True, fusion="conv", **kwargs):
        super().__init__(**kwargs)
        self.windows = tuple(windows)
        if len(self.windows) < 2 or len(set(self.windows)) < len(self.windows):
            raise ValueError(
                "windows are two sizes or more, all different. "
                f"Received: {list(self.windows)}."
            )
        self.residual = bool(residual)
        self.fusion = fusion
        self.scales = [
            TemporalAttention3(
                window,
                residual=False,
                fusion=fusion,
                dtype=self.dtype_policy,
                name=f"{self.name}_window{window}",
            )
            for window in self.windows
        ]
        self.gate = keras.layers.Dense(len(self.windows), dtype="float32", name="gate")
        self.supports_masking = True

    def build(self, input_shape):
        for fusion in self.scales:
            fusion.build(input_shape)
        units = (len(self.windows) + 1) * input_shape[-1]
        self.gate.build((*input_shape[:-1], units))
        self.built = True

    def call(self, inputs, training=None, mask=None):
        mask = mask_or_all(inputs, mask)
        fused = [one(inputs, training=training, mask=mask) for one in self.scales]
        seen = ops.cast(ops.concatenate([inputs, *fused], axis=-1), "float32")
        shares = ops.softmax(self.gate(seen), axis=-1)  # (B, T, scales)
        shares = ops.split(ops.cast(shares, inputs.dtype), len(fused), axis=-1)
        outputs = sum(share * one for share, one in zip(shares, fused, strict=True))
        return outputs + inputs if self.residual else outputs

    def choosing_layers(self):
        """The `TemporalFusion` layers that choose neighbours here: one a window."""
        return list(self.scales)

    def compute_mask(self, inputs, mask=None):
        return mask_or_all(inputs, mask)

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)

    def count_macs(self, input_shape):
        """Multiply-adds for one clip of shape `(T, D)`."""
        length, units = input_shape
        scales = len(self.windows)
        gating = scales * (scales + 2) * units  # its kernel, and the weighted sum
        return length * gating + sum(
            fusion.count_macs(input_shape) for fusion in self.scales
        )

    def time_geometry(self):
        reach = max(self.windows) - 1
        return TimeGeometry(before=reach, after=reach)

    def get_config(self):
        return {
            **super().get_config(),
            "windows": self.windows,
            "residual": self.residual,
            "fusion": self.fusion,
        }
