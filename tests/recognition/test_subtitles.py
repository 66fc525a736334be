import pytest

from dtf_keras.recognition import RecognizedGloss, srt, webvtt

GLOSSES = (
    RecognizedGloss("HAUS", 0.16, 0.2, 0.9),
    RecognizedGloss("A<B&C", 0.3, 1.5, 0.5),
    RecognizedGloss("ENDE", 3723.0046, 3723.9, 1.0),
)


def test_srt_counts_and_has_commas():
    assert srt(GLOSSES).split("\n\n") == [
        "1\n00:00:00,160 --> 00:00:00,300\nHAUS",
        "2\n00:00:00,300 --> 00:00:01,500\nA‹B&C",
        "3\n01:02:03,005 --> 01:02:03,900\nENDE\n",
    ]


def test_webvtt_has_a_header_and_escapes():
    assert webvtt(GLOSSES).split("\n\n") == [
        "WEBVTT",
        "00:00:00.160 --> 00:00:00.300\nHAUS",
        "00:00:00.300 --> 00:00:01.500\nA&lt;B&amp;C",
        "01:02:03.005 --> 01:02:03.900\nENDE\n",
    ]


@pytest.mark.parametrize(
    "text", ["-->", "<i>A</i>", "<unk>", "{\\an8}A", r"A\NB", "A\x1b[2J\n\nB"]
)
def test_a_gloss_is_text_and_no_command_of_a_player(text):
    (_, shown), (_, *lines) = (
        subtitles([RecognizedGloss(text, 0.0, 1.0, 0.9)]).strip().split("\n")[-2:]
        for subtitles in (webvtt, srt)
    )
    assert not set("<>\x1b") & set(shown)
    assert len(lines) == 1
    assert not set("<>{}\\\x1b") & set(lines[0])


def test_nothing_recognized_is_a_file_without_subtitles():
    assert webvtt([]) == "WEBVTT\n"
    assert srt([]) == ""
