import keras

from dtf_keras.layers.fusion.anchors import (
    anchor_mask,
    random_anchors,
    sample_count,
    spaced_anchors,
    spaced_frames,
)
from dtf_keras.layers.fusion.neighbourhood import find_neighbours
from dtf_keras.layers.fusion.temporal_fusion import TemporalFusion
from dtf_keras.layers.masked.masking import mask_or_all
from dtf_keras.layers.time_geometry import TimeGeometry


@keras.saving.register_keras_serializable(package="dtf_keras")
class TemporalAttention3(TemporalFusion):
    """Fuses every frame with the k frames that look most like it; T stays T.

    Source: `TemporalAttention3` of dynamic_temporal_fusion (rows v5, v9, v10, v11).

    Args, call arguments: as `TemporalFusion`; `residual` is on by default.

    Output: `[B, T, D]`, with the mask of the input.

    Example:

    >>> features = np.random.rand(2, 40, 64).astype("float32")
    >>> TemporalAttention3(window=16)(features).shape
    (2, 40, 64)
    """

    def __init__(self, window=16, residual=True, fusion="gru", **kwargs):
        super().__init__(window, residual, fusion, **kwargs)

    def choose(self, inputs, mask, training):
        return None, find_neighbours(inputs, mask, self.window)

    def time_geometry(self):
        return TimeGeometry(before=self.window - 1, after=self.window - 1)


@keras.saving.register_keras_serializable(package="dtf_keras")
class TemporalAttention4(TemporalFusion):
    """Dynamic framing with random sampling: fuses a quarter of the frames.

    A clip of n frames keeps n // 4 anchors. Training draws them uniformly without
    replacement, anew at every step and for every clip; inference spaces them evenly,
    `int(linspace(0, n-1, n//4))` as numpy gives them. Neighbours are chosen among all
    frames; scores and GRU steps are computed for the anchors only.

    Source: `TemporalAttention4` of dynamic_temporal_fusion (rows v6, v7), which drew
    one sample for the whole batch: `shared_sample=True` does that.

    Args:
        window, residual, fusion: as `TemporalFusion`.
        seed: seed of the sampling; `None` takes one from Keras' global generator.
        shared_sample: draw once for the batch; clips of one length then keep the same
            frames.

    Call arguments: as `TemporalFusion`.

    Output: `[B, max(T // 4, 1), D]`, with a mask of n // 4 real steps.
    """

    every_frame = False

    def __init__(
        self,
        window=12,
        residual=False,
        fusion="gru",
        seed=None,
        shared_sample=False,
        **kwargs,
    ):
        super().__init__(window, residual, fusion, **kwargs)
        self.seed = seed
        self.shared_sample = bool(shared_sample)
        self.seed_generator = keras.random.SeedGenerator(seed)

    def choose(self, inputs, mask, training):
        if training:
            anchors = random_anchors(
                mask, self.seed_generator, shared=self.shared_sample
            )
        else:
            anchors = spaced_anchors(mask)
        return anchors, find_neighbours(inputs, mask, self.window, anchors)

    def output_length(self, length):
        return sample_count(length)

    def compute_mask(self, inputs, mask=None):
        if isinstance(inputs, keras.KerasTensor):
            shape = self.compute_output_shape(inputs.shape)
            return keras.KerasTensor(shape[:2], dtype="bool")
        return anchor_mask(mask_or_all(inputs, mask))

    def time_geometry(self):
        # An anchor's place depends on the length of the clip.
        return TimeGeometry(
            steps=lambda n: n // 4,
            places=lambda places: places[spaced_frames(len(places))],
            before=None,
            after=None,
            stride=4,
        )

    def get_config(self):
        return {
            **super().get_config(),
            "seed": self.seed,
            "shared_sample": self.shared_sample,
        }
