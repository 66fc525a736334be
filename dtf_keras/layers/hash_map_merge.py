import keras

from dtf_keras.layers.anchors import first_of_each_key
from dtf_keras.layers.masking import gather_frames, mask_or_all
from dtf_keras.layers.neighbourhood import Neighbourhood, find_neighbours
from dtf_keras.layers.temporal_fusion import TemporalFusion


@keras.saving.register_keras_serializable(package="dtf_keras")
class HashMapMerge(TemporalFusion):
    """Keeps one frame for each distinct neighbourhood, and fuses it with that.

    Frames whose neighbourhoods have the same key (mean and standard deviation of the
    k indices) are one: the first stays. Kept frames move to the front; the axis keeps
    its length T and the mask says how many there are.

    Source: `TemporalAttention5` of dynamic_temporal_fusion (row v8).

    Args, call arguments: as `TemporalFusion`.

    Output: `[B, T, D]`, with the mask of the kept frames.
    """

    def __init__(self, window=8, residual=False, fusion="gru", **kwargs):
        super().__init__(window, residual, fusion, **kwargs)

    def choose(self, inputs, mask, training):
        everywhere = find_neighbours(inputs, mask, self.window)
        kept, real = first_of_each_key(everywhere, mask, self.window)
        frames = gather_frames(everywhere.frames, kept)
        slots = gather_frames(everywhere.slots, kept)
        return kept, Neighbourhood(frames, slots & real[..., None])

    def compute_mask(self, inputs, mask=None):
        mask = mask_or_all(inputs, mask)
        if isinstance(inputs, keras.KerasTensor):
            return mask
        everywhere = find_neighbours(inputs, mask, self.window)
        return first_of_each_key(everywhere, mask, self.window)[1]
