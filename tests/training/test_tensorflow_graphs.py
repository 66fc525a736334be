import gc

import keras
import numpy as np
import pytest

from dtf_keras.training.run.tensorflow_graphs import released_graphs
from tests.helpers.small import build, inputs

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="others keep no graphs"
)


def train():
    model = build("full_conv")
    model.compile(run_eagerly=False)
    model.train_on_batch(inputs([12, 9]), np.array([[1, 2], [3, 0]]))
    return model


def graphs():
    from tensorflow.python.framework.func_graph import FuncGraph

    gc.collect()
    return sum(isinstance(one, FuncGraph) for one in gc.get_objects())


def test_nothing_of_a_training_stays_in_the_process():
    before = graphs()
    with released_graphs():
        train()
    assert graphs() == before


def test_a_model_that_was_trained_before_trains_on():
    with released_graphs():
        model = train()
    x, y = inputs([12, 9]), np.array([[1, 2], [3, 0]])
    assert np.isfinite(model.train_on_batch(x, y)).all()
    assert np.isfinite(model.train_on_batch(inputs([20, 9]), y)).all()
    model.compile(run_eagerly=False)
    assert np.isfinite(model.train_on_batch(x, y)).all()
