import keras
from keras import ops

from dtf_keras.layers.fusion.anchors import first_of_each_key
from dtf_keras.layers.fusion.neighbourhood import Neighbourhood, find_neighbours
from dtf_keras.layers.fusion.temporal_fusion import TemporalFusion
from dtf_keras.layers.masked.masking import (
    gather_frames,
    longest_clip_mask,
    mask_or_all,
)
from dtf_keras.layers.time_geometry import TimeGeometry


@keras.saving.register_keras_serializable(package="dtf_keras")
class HashMapMerge(TemporalFusion):
    """Keeps one frame for each distinct neighbourhood, and fuses it with that.

    Frames whose neighbourhoods have the same key (mean and standard deviation of the
    k indices) are one: the first stays. Kept frames move to the front; the axis keeps
    its length T and the mask says how many there are.

    Source: `TemporalAttention5` of dynamic_temporal_fusion (row v8). There a clip that
    keeps fewer frames than the longest of its batch is filled up with neighbourhoods
    of black, which go through the GRU: `source_padding=True` does that. The mask is
    the same; what reads beyond it sees the source's values.

    Args:
        window, residual, fusion: as `TemporalFusion`.
        source_padding: fill up as the source does; by default with zeros.

    Call arguments: as `TemporalFusion`.

    Output: `[B, T, D]`, with the mask of the kept frames.
    """

    every_frame = False

    def __init__(
        self, window=8, residual=False, fusion="gru", source_padding=False, **kwargs
    ):
        super().__init__(window, residual, fusion, **kwargs)
        self.source_padding = bool(source_padding)

    def choose(self, inputs, mask, training):
        everywhere = find_neighbours(inputs, mask, self.window)
        kept, real = first_of_each_key(everywhere, mask, self.window)
        frames = gather_frames(everywhere.frames, kept)
        slots = gather_frames(everywhere.slots, kept)
        return kept, Neighbourhood(frames, slots & real[..., None])

    def call(self, inputs, training=None, mask=None):
        outputs = super().call(inputs, training=training, mask=mask)
        if self.source_padding:
            kept = self.compute_mask(inputs, mask)
            missing = longest_clip_mask(kept) & ops.logical_not(kept)
            outputs = ops.where(missing[..., None], self._fused_black(inputs), outputs)
        return outputs

    def compute_mask(self, inputs, mask=None):
        mask = mask_or_all(inputs, mask)
        if isinstance(inputs, keras.KerasTensor):
            return mask
        everywhere = find_neighbours(inputs, mask, self.window)
        return first_of_each_key(everywhere, mask, self.window)[1]

    def time_geometry(self):
        if self.source_padding:
            return TimeGeometry(places=None, before=None, after=None)
        # Equal neighbourhoods are at most 2(k-1) frames apart, so that a kept frame is
        # at most one more from the next; each neighbourhood reaches k-1.
        reach = self.window - 1
        return TimeGeometry(
            places=None,
            before=3 * reach,
            after=reach,
            gap=2 * reach + 1,
        )

    def _fused_black(self, inputs):
        """What the fusion makes of k features of zero: `[1, 1, D]`."""
        frames = ops.zeros((1, 1, self.window), dtype="int32")
        slots = ops.ones((1, 1, self.window), dtype="bool")
        black = ops.zeros((1, 1, inputs.shape[-1]), dtype=self.compute_dtype)
        return self.fuse(black, Neighbourhood(frames, slots))

    def get_config(self):
        return {**super().get_config(), "source_padding": self.source_padding}
