import unicodedata

import pytest

from dtf_keras.data.vocabulary import BLANK, UNKNOWN, Vocabulary


def test_blank_is_class_0_and_counts_as_a_class():
    vocabulary = Vocabulary(["HOUSE", "RAIN"])
    assert vocabulary.num_classes == 3
    assert vocabulary.decode([0, 1, 2]) == [BLANK, "HOUSE", "RAIN"]


def test_decoding_undoes_encoding():
    vocabulary = Vocabulary(["HOUSE", "RAIN", "IX"])
    ids = vocabulary.encode(["IX", "HOUSE", "HOUSE"])
    assert ids == [3, 1, 1]
    assert vocabulary.decode(ids) == ["IX", "HOUSE", "HOUSE"]


def test_unknown_gloss_is_named_with_its_clip():
    with pytest.raises(ValueError, match=r"'SNOW' of clip tagesschau-7 "):
        Vocabulary(["RAIN"]).encode(["RAIN", "SNOW"], clip_id="tagesschau-7")


@pytest.mark.parametrize("class_id", [-1, 2])
def test_class_outside_the_vocabulary_does_not_decode(class_id):
    with pytest.raises(ValueError, match=f"Class {class_id} "):
        Vocabulary(["RAIN"]).decode([class_id])


def test_file_round_trip_keeps_order_and_leaves_the_blank_out(tmp_path):
    path = tmp_path / "glosses.txt"
    vocabulary = Vocabulary(["ÜBER", "RAIN", "__ON__"])
    vocabulary.to_file(path)
    assert path.read_bytes() == "ÜBER\nRAIN\n__ON__\n".encode()
    assert Vocabulary.from_file(path) == vocabulary


@pytest.mark.parametrize("text", ["A\nB\nA\n", "A\n\nB\n", "A\n<blank>\n", "", " A\n"])
def test_bad_glosses_file_is_named(tmp_path, text):
    path = tmp_path / "glosses.txt"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"glosses\.txt: "):
        Vocabulary.from_file(path)


@pytest.mark.parametrize(
    "gloss",
    ["A\x1b[2J", "A\x00B", "A\u202eB", "A\u200bB", "A\x1cB", "A\u2028B", "A\x85B"],
)
def test_control_characters_are_refused_and_end_no_line(tmp_path, gloss):
    with pytest.raises(ValueError, match=r"Gloss 2 .* is 'A\\.* control or invisible"):
        Vocabulary(["B", gloss])
    path = tmp_path / "glosses.txt"
    path.write_text(f"B\n{gloss}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"glosses\.txt: Gloss 2 .* is 'A\\"):
        Vocabulary.from_file(path)


def test_glosses_are_kept_in_one_unicode_form(tmp_path):
    forms = [unicodedata.normalize(form, "ÄRGER") for form in ("NFC", "NFD")]
    vocabulary = Vocabulary([forms[1], "RAIN"])
    assert vocabulary == Vocabulary([forms[0], "RAIN"])
    assert vocabulary.encode(forms) == [1, 1]
    assert vocabulary.unknown(forms) == []
    with pytest.raises(ValueError, match="'ÄRGER' twice, in two Unicode forms"):
        Vocabulary(forms)
    lines = []
    for form in forms:
        (tmp_path / "glosses.txt").write_text(f"{form}\nRAIN\n", encoding="utf-8")
        assert (
            Vocabulary.from_file(tmp_path / "glosses.txt", lines.append) == vocabulary
        )
    assert len(lines) == 1
    assert "glosses.txt: letters in another Unicode form" in lines[0]


def test_a_gloss_that_is_long_is_quoted_in_short():
    with pytest.raises(ValueError, match=r"^The vocabulary has.{,260}$"):
        Vocabulary(2 * [10**5 * "A"])


def test_unknown_glosses_have_a_class_where_the_vocabulary_has_one():
    vocabulary = Vocabulary(["RAIN", "SUN", UNKNOWN])
    assert vocabulary.encode(["SUN", "SNOW", "RAIN"]) == [2, 3, 1]
    assert vocabulary.unknown(["SUN", "SNOW", "HAIL"]) == ["SNOW", "HAIL"]
    assert vocabulary.decode([3]) == ["<unk>"]
