from dtf_keras.recognition import RecognizedGloss, srt, webvtt

GLOSSES = (
    RecognizedGloss("HAUS", 0.16, 0.2, 0.9),
    RecognizedGloss("A<B&C", 0.3, 1.5, 0.5),
    RecognizedGloss("ENDE", 3723.0046, 3723.9, 1.0),
)


def test_srt_counts_and_has_commas():
    assert srt(GLOSSES).split("\n\n") == [
        "1\n00:00:00,160 --> 00:00:00,300\nHAUS",
        "2\n00:00:00,300 --> 00:00:01,500\nA<B&C",
        "3\n01:02:03,005 --> 01:02:03,900\nENDE\n",
    ]


def test_webvtt_has_a_header_and_escapes():
    assert webvtt(GLOSSES).split("\n\n") == [
        "WEBVTT",
        "00:00:00.160 --> 00:00:00.300\nHAUS",
        "00:00:00.300 --> 00:00:01.500\nA&lt;B&amp;C",
        "01:02:03.005 --> 01:02:03.900\nENDE\n",
    ]


def test_nothing_recognized_is_a_file_without_subtitles():
    assert webvtt([]) == "WEBVTT\n"
    assert srt([]) == ""
