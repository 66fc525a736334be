import keras
import numpy as np
import pytest

from dtf_keras import zoo
from tests.helpers.backends import called
from tests.helpers.small import inputs, shared, small_options


@pytest.mark.parametrize(
    "name", ["full_conv_v3", "full_conv_v7", "full_conv_v8", "vac"]
)
def test_a_seed_repeats_what_training_draws_whatever_the_global_seed(name):
    logits = []
    for global_seed in (1, 2):
        keras.utils.set_random_seed(global_seed)
        model = zoo.get(name, weights=None, seed=7, **small_options(name))
        model.set_weights(shared(name).get_weights())
        drawn = called(model, inputs([24, 15]), training=True)
        logits.append(drawn["logits"] if isinstance(drawn, dict) else drawn)
    np.testing.assert_array_equal(*logits)
