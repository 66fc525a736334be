import html.parser
import json

import pytest

from dtf_keras.evaluation import describe, score, write_report

SIGNED = {"a": ["NOW", "TREE", "GREEN"], "b": ["RAIN"], "c": ["<X>", "A&B"]}
RECOGNISED = {"a": ["TREE", "RED"], "b": ["RAIN"], "c": ["<X>", "C", "A&B"]}
SIGNERS = {"a": "anna", "b": "bert", "c": "anna"}


@pytest.fixture
def found():
    return score(RECOGNISED, SIGNED, "plain", SIGNERS)


@pytest.fixture
def folder(found, tmp_path):
    write_report(tmp_path / "new", found, "my model on dev", {"model": "my model"})
    return tmp_path / "new"


def test_description_has_the_wer_and_a_line_a_signer(found):
    lines = describe(found).splitlines()
    assert lines[0].startswith("WER 50.0 % by the rules plain: 3 errors in 6 glosses")
    assert "1 substitutions, 1 deletions, 1 insertions" in lines[0]
    assert [line.split() for line in lines[2:]] == [
        ["anna", "2", "5", "60.0", "%", "1", "1", "1"],
        ["bert", "1", "1", "0.0", "%", "0", "0", "0"],
    ]


def test_description_says_which_clips_are_missing():
    text = describe(score({}, SIGNED))
    assert "3 clips are missing from the hypothesis" in text
    assert "the first is a" in text


def test_a_signer_who_signed_nothing_has_no_wer():
    found = score({"b": ["X"]}, {"a": ["A"], "b": []}, signers={"a": "x", "b": "y"})
    assert describe(found).splitlines()[-1].split() == [
        "y",
        "1",
        "0",
        "-",
        "0",
        "0",
        "1",
    ]


def test_text_report_shows_the_clips_side_by_side_the_worst_first(folder):
    text = (folder / "report.txt").read_text(encoding="utf-8")
    assert "my model on dev\nWER 50.0 %" in text
    assert "     1  GREEN -> RED" in text
    blocks = text.split("\n\n")
    clips = [block for block in blocks if block[0] in "abc" and ": C " in block]
    assert clips[0].splitlines() == [
        "a (anna): C 1, S 1, D 1, I 0",
        "signed      NOW TREE GREEN",
        "recognized  *** TREE RED",
        "error       D        S",
    ]
    assert [clip[0] for clip in clips] == ["a", "c", "b"]


class Page(html.parser.HTMLParser):
    """Checks that elements nest, and collects text and attributes."""

    def __init__(self):
        super().__init__()
        self.open, self.texts, self.attributes = [], [], []

    def handle_starttag(self, tag, attrs):
        self.attributes += attrs
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def test_html_report_is_whole_and_needs_no_other_file(folder):
    page = Page()
    page.feed((folder / "report.html").read_text(encoding="utf-8"))
    page.close()
    assert page.open == []
    assert not {"src", "href"} & {name for name, _ in page.attributes}
    for text in ("50.0 % WER", "Most confused", "anna", "<X>", "A&B", "GREEN", "RED"):
        assert text in page.texts
    assert ("class", "S") in page.attributes


def test_json_has_everything(folder, found):
    content = json.loads((folder / "scores.json").read_text(encoding="utf-8"))
    assert content["model"] == "my model"
    assert content["rules"] == "plain"
    assert content["wer"] == 50.0
    assert content["counts"] == found.counts
    assert content["signers"]["bert"]["percent"]["err"] == 0.0
    assert content["confusions"] == [
        {"signed": "GREEN", "recognized": "RED", "count": 1}
    ]
    assert content["clips"]["a"] == {
        "signer": "anna",
        "counts": [1, 1, 1, 0],
        "signed": "NOW TREE GREEN",
        "recognized": "TREE RED",
        "alignment": "DCS",
    }
