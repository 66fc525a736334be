import numpy as np
from keras import ops
from keras.src import backend

from dtf_keras.layers import FrameMask, LongestClipMask, MaskLike
from tests.helpers.backends import to_numpy


def masked(lengths, length):
    x = ops.ones((len(lengths), length, 2))
    return FrameMask()([x, ops.convert_to_tensor(np.array(lengths, "int32"))])


def steps(x):
    return to_numpy(backend.get_keras_mask(x)).sum(axis=1).tolist()


def test_every_clip_gets_the_mask_of_the_longest_and_its_own_again():
    x = masked([3, 5, 0], 7)
    longest = LongestClipMask()(x)
    assert steps(longest) == [5, 5, 5]
    assert steps(x) == [3, 5, 0]
    again = MaskLike()([longest, x])
    assert steps(again) == [3, 5, 0]
    np.testing.assert_array_equal(to_numpy(again), to_numpy(x))


def test_without_a_mask_all_frames_are_real():
    x = ops.ones((2, 4, 3))
    assert steps(LongestClipMask()(x)) == [4, 4]
    assert steps(MaskLike()([masked([1, 2], 4), x])) == [4, 4]
