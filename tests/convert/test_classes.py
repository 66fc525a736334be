import pytest

from dtf_keras.convert import class_names, class_order

WORDS = ["RAIN", "SUN"]
# The source's classes: <PAD> RAIN SUN <UNK> <BOS> <EOS> <BLANK>


def test_blank_comes_first_and_the_others_move_up():
    assert class_order(7).tolist() == [6, 0, 1, 2, 3, 4, 5]
    assert class_order(7, keep_special=False).tolist() == [6, 1, 2]


@pytest.mark.parametrize(("classes", "keep"), [(1, True), (5, False)])
def test_too_few_classes_are_refused(classes, keep):
    with pytest.raises(ValueError, match=f"has {classes} classes"):
        class_order(classes, keep)


def test_names_follow_the_classes():
    every = ["<PAD>", *WORDS, "<UNK>", "<BOS>", "<EOS>"]
    for given in (WORDS, every):
        assert class_names(given, 7) == every
        assert class_names(given, 7, keep_special=False) == WORDS


def test_a_list_of_another_length_is_refused():
    with pytest.raises(ValueError, match=r"lists 3 glosses.*give its 2 glosses"):
        class_names([*WORDS, "WIND"], 7)
