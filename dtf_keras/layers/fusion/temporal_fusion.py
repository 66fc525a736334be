import keras

from dtf_keras.layers.fusion.neighbour_fusion import FUSIONS
from dtf_keras.layers.masked.masking import MaskAtRunTime, gather_frames, mask_or_all
from dtf_keras.values import whole_number


class TemporalFusion(MaskAtRunTime, keras.layers.Layer):
    """Fuses anchor frames with the neighbours that look like them.

    The composition behind every dynamic layer here: *which frames are anchors* (a
    subclass says) x *which neighbours* (`find_neighbours`) x *how they are fused*
    (`fusion`). A subclass gives `choose`, and `compute_mask` and `output_length` where
    its anchors are not all the frames.

    Args:
        window: k, frames in a neighbourhood; candidates lie at most k-1 frames away.
        residual: add the anchors' own features.
        fusion: `"gru"`, `"softmax"` or `"conv"` (`GRUFusion`, `SoftmaxFusion`,
            `ConvFusion`).

    Call arguments:
        inputs: `[B, T, D]`.
        mask: bool `[B, T]`, True = real frame.

    Output: `[B, A, D]`, with its mask.

    Raises:
        ValueError: if `window` is no whole number from 1 or `fusion` is unknown.
    """

    every_frame = True
    """Whether the anchors are all the frames."""

    def __init__(self, window, residual=False, fusion="gru", **kwargs):
        super().__init__(**kwargs)
        if fusion not in FUSIONS:
            raise ValueError(
                f"Unknown fusion {fusion!r}; it is one of {sorted(FUSIONS)}."
            )
        self.window = whole_number("window", window)
        self.residual = bool(residual)
        self.fusion = fusion
        self.fuse = FUSIONS[fusion](window, dtype=self.dtype_policy, name=fusion)
        self.supports_masking = True

    def build(self, input_shape):
        self.fuse.build(input_shape)
        self.built = True

    def choose(self, inputs, mask, training):
        """The anchors, int32 `[B, A]` or `None` for all, and their `Neighbourhood`."""
        raise NotImplementedError

    def call(self, inputs, training=None, mask=None):
        mask = mask_or_all(inputs, mask)
        anchors, neighbourhood = self.choose(inputs, mask, training)
        outputs = self.fuse(inputs, neighbourhood, anchors)
        if self.residual:
            own = inputs if anchors is None else gather_frames(inputs, anchors)
            outputs = outputs + own
        return outputs

    def choosing_layers(self):
        """The `TemporalFusion` layers that choose neighbours here: itself."""
        return [self]

    def output_length(self, length):
        """A for an axis of `length` frames."""
        return length

    def compute_mask(self, inputs, mask=None):
        return mask_or_all(inputs, mask)

    def compute_output_shape(self, input_shape):
        batch, length, units = input_shape
        return (batch, None if length is None else self.output_length(length), units)

    def count_macs(self, input_shape):
        """Multiply-adds for one clip of shape `(T, D)`."""
        length, units = input_shape
        anchors = self.output_length(length)
        scoring = anchors * (2 * self.window - 1) * units
        return scoring + self.fuse.count_macs(length, anchors, units)

    def get_config(self):
        return {
            **super().get_config(),
            "window": self.window,
            "residual": self.residual,
            "fusion": self.fusion,
        }
