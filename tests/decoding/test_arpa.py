import gzip

import pytest

from dtf_keras.decoding import ArpaError
from dtf_keras.decoding.arpa import read_arpa


def test_every_order_is_read_with_its_backoff_weights(arpa):
    unigrams, bigrams, trigrams = read_arpa(arpa())
    assert unigrams["<s>",] == (-99, -0.3)
    assert unigrams["SUN",] == (-1.1, 0)
    assert bigrams["RAIN", "WIND"] == (-0.5, -0.15)
    assert trigrams == {
        ("<s>", "RAIN", "WIND"): (-0.1, 0),
        ("RAIN", "WIND", "</s>"): (-0.35, 0),
    }
    assert (len(unigrams), len(bigrams)) == (6, 5)


def test_notes_before_the_data_and_spaces_for_tabs_are_read(arpa, trigrams):
    text = "made by hand\n" + trigrams.replace("\t", "  ").replace("\n", "\r\n")
    assert read_arpa(arpa(text)) == read_arpa(arpa())


def test_words_are_read_in_one_unicode_form(arpa, trigrams):
    text, lines = trigrams.replace("WIND", "WA\u0308RME"), []
    (unigrams, *_) = read_arpa(arpa(text), lines.append)
    assert ("W\xc4RME",) in unigrams
    assert len(lines) == 1
    assert "glosses.arpa: letters in another Unicode form" in lines[0]


def test_a_probability_of_0_is_read_as_srilm_writes_it(arpa, trigrams):
    text = trigrams.replace("-0.40\tRAIN RAIN", "-inf\tRAIN RAIN")
    text = text.replace("RAIN\t-0.20", "RAIN\t-inf")
    unigrams, bigrams, _ = read_arpa(arpa(text))
    assert bigrams["RAIN", "RAIN"] == (-99, 0)
    assert unigrams["RAIN",] == (-0.6, -99)


@pytest.mark.parametrize("name", ["glosses.arpa.gz", "glosses.arpa"])
def test_a_file_in_gzip_is_read(arpa, tmp_path, name):
    plain = read_arpa(arpa())
    content = gzip.compress(arpa().read_bytes())
    (tmp_path / name).write_bytes(content)
    assert read_arpa(tmp_path / name) == plain
    for broken in (content[:-9], content[:40], content[:2] + b"\xff" + content[3:]):
        (tmp_path / name).write_bytes(broken)
        with pytest.raises(ArpaError, match=rf"{name} is not a whole gzip file: "):
            read_arpa(tmp_path / name)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("\\data\\", "data", r"glosses.arpa has no line \\data\\"),
        ("ngram 1=6\nngram 2=5\nngram 3=2\n", "", "line 4: expected 'ngram 1=...'"),
        ("ngram 2=5", "ngram 3=5", r"line 4: expected 'ngram 2=...'"),
        ("ngram 2=5", "ngram 2=9", "line 22: the file has 5 2-grams .* says 9"),
        ("\\2-grams:", "\\3-grams:", r"line 15: expected \\2-grams: and found"),
        ("-0.40\tRAIN RAIN", "-0.40\tRAIN", "line 18: expected a log10 probability"),
        ("-0.40\tRAIN RAIN", "x\tRAIN RAIN", "line 18: 'x' is no logarithm"),
        ("-0.40\tRAIN RAIN", "nan\tRAIN RAIN", "line 18: 'nan' is no logarithm"),
        ("-0.40\tRAIN RAIN", "inf\tRAIN RAIN", "line 18: 'inf' is no logarithm"),
        ("RAIN\t-0.20", "RAIN\tinf", "line 11: 'inf' is no logarithm"),
        ("-0.40\tRAIN RAIN", "0.4\tRAIN RAIN", "line 18: .* 0.4 is more than 0"),
        ("-0.40\tRAIN RAIN", "-0.4\tRAIN FOG", "line 18: 'FOG' is not among the 1-gr"),
        ("RAIN RAIN", "RAIN WIND", "line 18: 'RAIN WIND' is listed twice"),
        ("\\end\\\n", "", r"line 25: expected \\end\\ and found 'the end of the file'"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(arpa, trigrams, old, new, sentence):
    assert old in trigrams
    path = arpa(trigrams.replace(old, new))
    with pytest.raises(ArpaError, match=sentence):
        read_arpa(path)


def test_a_file_that_is_missing_or_no_text_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nothing\.arpa"):
        read_arpa(tmp_path / "nothing.arpa")
    (tmp_path / "model.bin").write_bytes(bytes(range(256)))
    with pytest.raises(ArpaError, match=r"model.bin is no UTF-8 text"):
        read_arpa(tmp_path / "model.bin")
