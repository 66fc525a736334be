import keras

from dtf_keras.layers.frames.emphasis import TemporalEmphasis
from dtf_keras.layers.frames.neighbour_correlation import NeighbourCorrelation
from dtf_keras.layers.frames.scaled_addition import ScaledAddition
from dtf_keras.layers.masked.masking import MaskAtRunTime, mask_or_all
from dtf_keras.layers.time_geometry import TimeGeometry, geometry_of
from dtf_keras.values import whole_number

_DILATIONS = 3


@keras.saving.register_keras_serializable(package="dtf_keras")
class CorrelatedStage(MaskAtRunTime, keras.layers.Layer):
    """What CorrNet+ puts after a stage: correlation, then emphasis on frames.

    `x = x + alpha * NeighbourCorrelation(x)`, `x + TemporalEmphasis(x)`, where alpha
    begins at 0.

    References: Hu et al., CorrNet+, 2024 (arXiv 2404.11111), as its code has it.

    Args:
        neighbours: N, frames on either side that a frame is correlated with.

    Call arguments:
        inputs: `[B, T, H, W, D]`.
        mask: bool `[B, T]`, True = real frame.

    Output: `[B, T, H, W, D]`, with the same mask.

    Raises:
        ValueError: if `neighbours` is no whole number from 1.
    """

    def __init__(self, neighbours=1, **kwargs):
        super().__init__(**kwargs)
        self.neighbours = whole_number("neighbours", neighbours)
        policy = {"dtype": self.dtype_policy}
        self.correlation = ScaledAddition(
            NeighbourCorrelation(neighbours, name="correlation", **policy),
            name="scaled",
            **policy,
        )
        self.emphasis = TemporalEmphasis(_DILATIONS, name="emphasis", **policy)
        self.supports_masking = True

    def build(self, input_shape):
        self.correlation.build(input_shape)
        self.emphasis.build(input_shape)
        self.built = True

    def call(self, inputs, mask=None):
        mask = mask_or_all(inputs, mask)
        x = self.correlation(inputs, mask=mask)
        return x + self.emphasis(x, mask=mask)

    def compute_mask(self, inputs, mask=None):
        return mask_or_all(inputs, mask)

    def compute_output_shape(self, input_shape):
        return input_shape

    def count_macs(self, input_shape):
        """Multiply-adds for one clip of shape `(T, H, W, D)`."""
        parts = (self.correlation, self.emphasis)
        return sum(part.count_macs(input_shape) for part in parts)

    def time_geometry(self):
        parts = [geometry_of(part) for part in (self.correlation, self.emphasis)]
        return TimeGeometry(
            before=sum(part.before for part in parts),
            after=sum(part.after for part in parts),
        )

    def get_config(self):
        return {**super().get_config(), "neighbours": self.neighbours}
