"""Every row of the zoo that the source has: same weights in, same logits out."""

import keras
import numpy as np
import pytest
from keras import ops

from dtf_keras import convert
from dtf_keras.layers import find_neighbours
from dtf_keras.layers.fusion.neighbourhood import highest
from dtf_keras.layers.masked.masking import mask_to_lengths
from tests.helpers import golden_recipe as recipe
from tests.helpers.backends import jit, to_numpy

ROWS = convert.family_of("full_conv").networks
LAYERS = {"tcna": "fusion", "tcna2": "pooled_fusion", "attn_enc.0": "attention"}


class Converted:
    """A row with a case's weights, and what the source made of the case's clips."""

    def __init__(self, case_id, row):
        self.row, self.case_id = row, case_id
        self.about = recipe.case(case_id)["models"][row]
        self.golden = recipe.outputs(case_id, row)
        self.features = recipe.features(case_id)
        conversion = convert.convert(recipe.weights(case_id, row), name=row)
        self.model = conversion.model
        self.logits = self.golden["logits"][..., conversion.classes]

    def after_backbone(self, output):
        """The model's function from features to one of its tensors."""
        features = self.model.get_layer("backbone").output
        return (lambda x: x) if output is features else keras.Model(features, output)

    def assert_logits(self, logits):
        """Equal on every real step; the number of steps is the source's."""
        steps = to_numpy(self.model.valid_steps(logits))
        assert steps.tolist() == self.golden["lengths"].tolist()
        for clip, n in enumerate(steps):
            np.testing.assert_allclose(
                to_numpy(logits)[clip, :n], self.logits[clip, :n], atol=2e-5, rtol=0
            )


@pytest.fixture(
    scope="module",
    params=[(case_id, row) for row in ROWS for case_id in recipe.CASES],
    ids="-".join,
)
def converted(request):
    return Converted(*request.param)


def test_logits(converted):
    if converted.case_id == "P48":  # from the features, eager and compiled
        head = converted.after_backbone(converted.model.output)
        features = ops.convert_to_tensor(converted.features)
        converted.assert_logits(head(features, training=False))
        compiled = jit(lambda x: head(x, training=False))
        converted.assert_logits(compiled(features))
        return
    # From the pixels. TensorFlow would trace a graph for the one call; JAX run eagerly
    # compiles each operation.
    model, x = converted.model, {"video": recipe.video(converted.case_id)}
    compiled = keras.backend.backend() == "jax"
    converted.assert_logits(model.predict_on_batch(x) if compiled else model(x))


def test_chosen_frames(converted):
    features = ops.convert_to_tensor(converted.features)
    for number, choice in enumerate(converted.about["topk"]):
        layer = converted.model.get_layer(LAYERS[choice["layer"]])
        x = converted.after_backbone(layer.input)(features)
        mask = ops.ones(ops.shape(x)[:2], dtype="bool")
        expected = converted.golden[f"topk{number}"]
        if layer.name == "attention":
            found = attended(layer, x)
        else:
            found = to_numpy(find_neighbours(x, mask, layer.window).frames)
        np.testing.assert_array_equal(found, expected)
        if "temporal_ids" in converted.golden:
            kept, _ = layer.choose(x, mask, training=False)
            ids = converted.golden["temporal_ids"]
            assert to_numpy(kept).tolist() == [ids.tolist()] * len(expected)
        if "kept_frames" in converted.golden:
            kept, _ = layer.choose(x, mask, training=False)
            steps = to_numpy(mask_to_lengths(layer.compute_mask(x, mask)))
            for clip, frames in enumerate(converted.golden["kept_frames"]):
                own = to_numpy(kept)[clip, : steps[clip]]
                assert own.tolist() == frames[frames >= 0].tolist()


def attended(layer, x):
    """The k best of each head's scores over the whole clip: int `[B, h, T, k]`."""
    query, key = layer._heads(layer.query_dense(x)), layer._heads(layer.key_dense(x))
    scores = ops.matmul(query, ops.transpose(key, (0, 1, 3, 2)))
    marked = to_numpy(highest(scores, ops.ones_like(scores, "bool"), layer.window))
    return np.nonzero(marked)[-1].reshape(*marked.shape[:-1], layer.window)


@pytest.mark.parametrize("case_id", recipe.CASES)
def test_features_of_the_backbone(case_id):
    model = convert.from_state_dict(recipe.weights(case_id, "full_conv"))
    backbone = model.get_layer("backbone")
    video = ops.convert_to_tensor(recipe.video(case_id))
    for run in (backbone, jit(lambda x: backbone(x))):
        np.testing.assert_allclose(
            to_numpy(run(video)), recipe.features(case_id), atol=2e-5, rtol=0
        )
