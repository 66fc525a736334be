import numpy as np
import pytest

from dtf_keras.data.validation import check_ids, output_steps, required_steps


def test_a_repeat_needs_a_step_between():
    assert required_steps([1, 2, 1]) == 3
    assert required_steps([1, 1, 1]) == 5


def test_two_poolings_round_down():
    assert [output_steps(n) for n in (3, 4, 7, 8, 11, 12)] == [0, 1, 1, 2, 2, 3]


def test_clip_just_long_enough_for_its_labels_loads(make_corpus):
    assert len(make_corpus([12], [("A", "A")])) == 1


def test_clip_too_short_for_its_labels_is_named_on_load(make_corpus):
    with pytest.raises(ValueError, match=r"clip1 of 11 frames gives 2 .* need 3"):
        make_corpus([12, 11], [("A", "B"), ("A", "A")])


def test_unknown_gloss_is_named_on_load(make_corpus):
    with pytest.raises(ValueError, match="'X' of clip clip0"):
        make_corpus([12], [("A", "X")])


def test_clip_without_glosses_is_named_on_load(make_corpus):
    with pytest.raises(ValueError, match="clip0 has no glosses"):
        make_corpus([12], [()])


@pytest.mark.parametrize("class_id", [0, 4, -1])
def test_label_out_of_range_is_named(class_id):
    with pytest.raises(ValueError, match=rf"clip9 has the label {class_id}, .*1\.\.3"):
        check_ids([1, class_id], 4, "clip9")


def test_float_frames_are_refused_naming_the_clip(make_corpus):
    corpus = make_corpus([12], read=lambda index: np.zeros((12, 8, 8, 3), "float32"))
    with pytest.raises(ValueError, match="clip0 are float32; they must be uint8"):
        corpus.frames(0)


def test_frames_of_another_size_are_refused_naming_the_clip(make_corpus):
    corpus = make_corpus([12], read=lambda index: np.zeros((12, 9, 8, 3), "uint8"))
    with pytest.raises(ValueError, match=r"clip0 have the shape \(12, 9, 8, 3\)"):
        corpus.frames(0)
