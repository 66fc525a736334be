"""LSTMs in both directions, each clip on its own steps."""

import keras
import numpy as np
import pytest
from keras import ops

from dtf_keras.layers import BiLSTM, FrameMask
from tests.helpers.backends import to_numpy

X = np.random.default_rng(0).normal(size=(3, 6, 5)).astype("float32")
LENGTHS = [6, 4, 0]


def masked(x):
    return FrameMask()(
        [ops.convert_to_tensor(x), ops.convert_to_tensor(np.array(LENGTHS, "int32"))]
    )


def built(**options):
    layer = BiLSTM(3, **options)
    layer.build(X.shape)
    return layer


def test_outputs_on_padding_are_zero():
    y = to_numpy(built()(masked(X)))
    assert y.shape == (3, 6, 6)
    assert (y[1, 4:] == 0).all()
    assert (y[2] == 0).all()
    assert (np.abs(y[1, :4]) > 0).all()


def test_it_is_what_keras_gives_with_a_mask():
    layer = built(num_layers=1)
    theirs = keras.layers.Bidirectional(keras.layers.LSTM(3, return_sequences=True))
    theirs.build(X.shape)
    weights = layer.forwards[0].get_weights() + layer.backwards[0].get_weights()
    theirs.set_weights(weights)
    mask = np.arange(6) < np.array(LENGTHS)[:, None]
    expected = to_numpy(theirs(X, mask=ops.convert_to_tensor(mask)))
    found = to_numpy(layer(masked(X)))
    np.testing.assert_allclose(found[mask], expected[mask], atol=1e-5)


def test_its_lstms_read_no_mask(monkeypatch):
    seen, call = [], keras.layers.LSTM.call

    def recorded(self, sequences, initial_state=None, mask=None, training=False):
        seen.append(mask)
        return call(self, sequences, initial_state, mask, training)

    monkeypatch.setattr(keras.layers.LSTM, "call", recorded)
    built()(masked(X))
    assert seen == [None] * 4


def test_the_backward_direction_begins_at_the_last_real_step():
    layer = built(num_layers=1)
    changed = X.copy()
    changed[:, 3] += 1  # the last step of the second clip
    difference = np.abs(to_numpy(layer(masked(changed))) - to_numpy(layer(masked(X))))
    assert (difference[1, :3, :3] == 0).all()
    assert (difference[1, :4, 3:] > 0).all()


def test_what_lies_in_the_padding_does_not_matter():
    layer = built()
    changed = X.copy()
    changed[1, 4:] = 1e6
    np.testing.assert_array_equal(
        to_numpy(layer(masked(changed))), to_numpy(layer(masked(X)))
    )


def test_a_seed_repeats_the_dropout_between_the_layers():
    layer = built(dropout=0.5, seed=7)
    still = to_numpy(layer(X))
    first = [to_numpy(layer(X, training=True)) for _ in range(2)]
    assert np.abs(first[0] - still).max() > 1e-3
    assert np.abs(first[0] - first[1]).max() > 1e-3
    keras.utils.set_random_seed(99)
    twin = built(dropout=0.5, seed=7)
    twin.set_weights(layer.get_weights())
    again = [to_numpy(twin(X, training=True)) for _ in range(2)]
    np.testing.assert_allclose(again, first, atol=1e-6)
    other = built(dropout=0.5, seed=8)
    other.set_weights(layer.get_weights())
    assert np.abs(to_numpy(other(X, training=True)) - first[0]).max() > 1e-3


def test_multiply_adds_are_counted():
    assert built().count_macs((6, 5)) == 6 * 2 * 4 * 3 * ((5 + 3) + (6 + 3))


@pytest.mark.parametrize(
    ("option", "value"), [("units", 0), ("num_layers", 0), ("dropout", 1.0)]
)
def test_options_out_of_their_range_are_refused(option, value):
    with pytest.raises(ValueError, match=rf"^{option} must be"):
        BiLSTM(**{"units": 3, option: value})
