import gzip
import math
import unicodedata

import pytest

from dtf_keras.evaluation import (
    CtmRow,
    ScoringError,
    StmRow,
    read_ctm,
    read_stm,
    score,
    score_files,
    word_errors,
    write_ctm,
    write_stm,
)


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_a_ctm_file_reads_back_the_same(ending, tmp_path):
    rows = [
        CtmRow("a-1", 0.0, 0.16, "TREE", confidence=0.5),
        CtmRow("a-1", 0.16, 1.25, "SÜD"),
        CtmRow("b-1", 0.0, 0.4, "TREE", channel="2"),
    ]
    path = tmp_path / f"hyp.ctm{ending}"
    write_ctm(path, rows)
    assert read_ctm(path) == rows
    assert (path.read_bytes()[:2] == b"\x1f\x8b") == bool(ending)


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_an_stm_file_reads_back_the_same(ending, tmp_path):
    rows = [
        StmRow("a-1", ("TREE", "{", "RED", "/", "@", "}"), "anna"),
        StmRow("b-1", ("<unk>", "TREE"), "bert", 0.0, 12.5),
        StmRow("c-1", (), "bert"),
    ]
    path = tmp_path / f"ref.stm{ending}"
    write_stm(path, rows)
    assert list(read_stm(path).values()) == rows


def test_start_times_of_a_ctm_file_are_in_order_as_text(tmp_path):
    path = tmp_path / "hyp.ctm"
    write_ctm(path, [CtmRow("a", start, 0.1, "X") for start in (8.0, 9.5, 10.0, 123.0)])
    starts = [line.split()[2] for line in path.read_text().splitlines()]
    assert starts == sorted(starts) == ["008.000", "009.500", "010.000", "123.000"]


def test_a_byte_order_mark_and_gzip_under_any_name_are_read_over(tmp_path):
    path = tmp_path / "ref.stm"
    path.write_text("\ufeffa-1 1 anna 0 1 SÜD\n", encoding="utf-8")
    assert read_stm(path)["a-1"].glosses == ("SÜD",)
    path.write_bytes(gzip.compress(path.read_bytes()))
    assert read_stm(path)["a-1"].glosses == ("SÜD",)


@pytest.mark.parametrize("rules", ["plain", "phoenix2014"])
def test_files_in_two_unicode_forms_are_compared_in_one(rules, tmp_path):
    composed, apart = (unicodedata.normalize(form, "Ä") for form in ("NFC", "NFD"))
    ctm, stm = tmp_path / "a.ctm", tmp_path / "a.stm"
    ctm.write_text(f"{apart}-1 1 0.0 0.1 {composed}\n", encoding="utf-8")
    stm.write_text(f"{composed}-1 1 {apart} 0 1 {apart}\n", encoding="utf-8")
    lines = []
    found = score_files(ctm, stm, rules, lines.append)
    assert (found.wer, list(found.speakers)) == (0, [composed])
    said = [
        f"{path}: letters in another Unicode form" in line
        for path, line in zip((stm, ctm), lines, strict=True)
    ]
    assert all(said)
    signed, signer = {f"{composed}-1": [apart]}, {f"{apart}-1": "anna"}
    found = score({f"{apart}-1": [composed]}, signed, rules, signer)
    assert (found.wer, list(found.speakers)) == (0, ["anna"])
    assert word_errors([[apart]], [[composed]]).wer == 0


def test_comments_blank_lines_and_labels_are_passed_over(tmp_path):
    ctm, stm = tmp_path / "a.ctm", tmp_path / "a.stm"
    ctm.write_text(";; made by hand\n\n a 1\t0.5 0.1 TREE NA\r\n")
    stm.write_text(';; LABEL "o"\n\na 1 anna 0 1 <o,f0> TREE RED\nb 1 anna 0 1\n')
    assert read_ctm(ctm) == [CtmRow("a", 0.5, 0.1, "TREE")]
    assert [row.glosses for row in read_stm(stm).values()] == [("TREE", "RED"), ()]


@pytest.mark.parametrize(
    ("read", "text", "message"),
    [
        (read_ctm, "a 1 0.0 0.1 X\na 1 0.1 0.1\n", "line 2: expected `clip channel"),
        (read_ctm, "a 1 now 0.1 X\n", "line 1: expected"),
        (read_ctm, "a 1 * * <ALT_BEGIN>\n", "line 1: expected"),
        (read_ctm, f"a 1 {10**6 * 'x'} 0.1 X\n", r"line 1: expected.{,320}$"),
        *[
            (read_ctm, f"a 1 0 1 X\n{row}\n", "line 2: expected .* finite times")
            for row in ("a 1 nan 1 X", "a 1 0 inf X", "a 1 1e999 1 X", "a 1 0 1 X nan")
        ],
        *[
            (read_stm, f"a 1 anna {times} X\n", "line 1: expected .* finite times")
            for times in ("nan 1", "0 inf", "-Infinity 1")
        ],
        (read_stm, "a 1 anna 0.0\n", "line 1: expected `clip channel signer"),
        (read_stm, "a 1 anna TREE RED BIG\n", "line 1: expected"),
        (read_stm, "a 1 anna 0 1 X\na 1 anna 1 2 Y\n", "line 2: clip a has a row"),
    ],
)
def test_a_line_that_is_no_row_is_named(read, text, message, tmp_path):
    path = tmp_path / "file"
    path.write_text(text)
    with pytest.raises(ScoringError, match=message) as caught:
        read(path)
    assert str(path) in str(caught.value)


def test_files_that_cannot_be_read_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no file .*nowhere\.ctm"):
        read_ctm(tmp_path / "nowhere.ctm")
    latin, cut = tmp_path / "latin.stm", tmp_path / "cut.ctm.gz"
    latin.write_bytes("a 1 anna 0 1 X\nb 1 anna 0 1 SÜD\n".encode("latin1"))
    with pytest.raises(ScoringError, match=r"latin\.stm, line 2 is not UTF-8"):
        read_stm(latin)
    cut.write_bytes(gzip.compress(b"a 1 0.0 0.1 X\n" * 99)[:-9])
    with pytest.raises(ScoringError, match=r"cut\.ctm\.gz is not a whole gzip file"):
        read_ctm(cut)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([CtmRow("a", 0.0, 0.1, "NOT NOW")], "gloss of clip a is 'NOT NOW'"),
        ([CtmRow("a", 0.0, 0.1, "")], "gloss of clip a is ''"),
        ([CtmRow("a b", 0.0, 0.1, "X")], "id of a clip is 'a b'"),
        ([CtmRow("a", 0.0, 0.1, "X\u202e")], r"'X\\u202e', with a control"),
        ([CtmRow("a", -1.0, 0.1, "X")], "times are positive"),
        ([CtmRow("a", math.nan, 0.1, "X")], "times are positive and finite"),
        ([CtmRow("a", 0.0, math.inf, "X")], "times are positive and finite"),
        ([CtmRow("a", 1.0, 0.1, "X"), CtmRow("a", 1.0001, 0.1, "Y")], "millisecond"),
    ],
)
def test_rows_a_ctm_file_cannot_hold_are_refused(rows, message, tmp_path):
    with pytest.raises(ScoringError, match=message):
        write_ctm(tmp_path / "hyp.ctm", rows)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("rules", ["plain", "phoenix2014", "phoenix2014t"])
@pytest.mark.parametrize("times", ["nan 1", "0 inf", "-inf 1", "0 1e999"])
def test_no_rules_order_times_that_are_not_finite(rules, times, tmp_path):
    ctm, stm = tmp_path / "a.ctm", tmp_path / "a.stm"
    ctm.write_text(f";; a 1 nan\na 1 0.0 0.1 X\na 1 {times} Y\n")
    stm.write_text("a 1 anna 0 1 X Y\n")
    with pytest.raises(ScoringError, match=r"a\.ctm, line 3: .* finite"):
        score_files(ctm, stm, rules)


@pytest.mark.parametrize(
    "times", [(-1.0, 2.0), (math.nan, 2.0), (0.0, math.nan), (3, 2)]
)
def test_times_an_stm_file_cannot_hold_are_refused(times, tmp_path):
    with pytest.raises(ScoringError, match=r"Clip a from .* it begins at 0 or later"):
        write_stm(tmp_path / "ref.stm", [StmRow("a", ("X",), "anna", *times)])


def test_signers_an_stm_file_cannot_hold_are_refused(tmp_path):
    with pytest.raises(ScoringError, match="signer of clip a is 'Anna B'"):
        write_stm(tmp_path / "ref.stm", [StmRow("a", ("X",), "Anna B")])
