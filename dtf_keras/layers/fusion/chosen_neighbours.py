import keras
from keras import ops

from dtf_keras.layers.masked.masking import MaskAtRunTime, mask_or_all


@keras.saving.register_keras_serializable(package="dtf_keras")
class ChosenNeighbours(MaskAtRunTime, keras.layers.Layer):
    """What a dynamic layer chooses, to look at: hang it on that layer's own input.

    It has no weights, as the choice has none; a saved and loaded one chooses the same.

    Args:
        fusion: the `TemporalFusion` layer of a model, or one of the
            `choosing_layers()` of its `MultiScaleFusion`.

    Call arguments:
        inputs: `[B, T, D]`, what `fusion` reads.
        mask: bool `[B, T]`, True = real frame.

    Output: the anchors, int32 `[B, A]`, their neighbours, int32 `[B, A, k]`, and which
    of those are real, bool `[B, A, k]`; all as at inference, indices into T.

    Example:

    >>> fusion = model.get_layer("fusion")
    >>> chosen = ChosenNeighbours(fusion)(fusion.input)
    >>> keras.Model(model.input, chosen)
    """

    def __init__(self, fusion, **kwargs):
        super().__init__(**{"name": f"{fusion.name}_neighbours", **kwargs})
        # Its methods and not the layer, whose weights Keras would take for this one's.
        self.choose, self.output_length = fusion.choose, fusion.output_length
        self.window = fusion.window
        self.supports_masking = True

    def build(self, input_shape):
        self.built = True

    def call(self, inputs, mask=None):
        mask = mask_or_all(inputs, mask)
        anchors, near = self.choose(inputs, mask, training=False)
        if anchors is None:
            batch, length = ops.shape(inputs)[:2]
            frames = ops.arange(length, dtype="int32")[None, :]
            anchors = frames + ops.zeros((batch, 1), dtype="int32")
        return anchors, near.frames, near.slots

    def compute_mask(self, inputs, mask=None):
        return None  # the outputs are indices

    def compute_output_spec(self, inputs, mask=None):
        batch, length = inputs.shape[:2]
        if length is not None:
            length = self.output_length(length)
        chosen = (batch, length, self.window)
        return (
            keras.KerasTensor((batch, length), dtype="int32"),
            keras.KerasTensor(chosen, dtype="int32"),
            keras.KerasTensor(chosen, dtype="bool"),
        )

    def get_config(self):
        fusion = keras.saving.serialize_keras_object(self.choose.__self__)
        return {**super().get_config(), "fusion": fusion}

    @classmethod
    def from_config(cls, config):
        fusion = keras.saving.deserialize_keras_object(config["fusion"])
        return cls(**{**config, "fusion": fusion})
