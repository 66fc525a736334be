import numpy as np
import pytest

from dtf_keras import data
from dtf_keras.data.validation import check_clip, required_steps


def test_a_repeat_needs_a_step_between():
    assert required_steps([1, 2, 1]) == 3
    assert required_steps([1, 1, 1]) == 5


@pytest.mark.parametrize(
    "bad", [{"id": "a\x1b"}, {"signer": "\x9bb"}, {"glosses": "\u202e"}]
)
def test_control_characters_of_a_clip_are_refused(bad):
    (name, text) = bad.popitem()
    said = {"id": "one", "glosses": ("A",), "signer": "anna", "num_frames": 9}
    clip = data.Clip(**said | {name: (text,) if name == "glosses" else text})
    with pytest.raises(ValueError, match=rf"invisible character in its {name}, '.*\\"):
        check_clip(clip)


def test_a_corpus_loads_whatever_its_length(make_corpus):
    assert len(make_corpus([1], [("A", "A")])) == 1


def test_clip_too_short_for_its_labels_is_named(make_corpus, time_axis):
    corpus = make_corpus([12, 12, 11], [("A", "A"), ("A", "B"), ("A", "A")])
    why = r"plain train: Clip clip2 of 11 frames gives 2 .* 2 glosses need 3"
    with pytest.raises(ValueError, match=why):
        corpus.for_model(time_axis)
    assert corpus.for_model(type(time_axis)(2)) is corpus
    with pytest.raises(ValueError, match=r"clip0 .* with 2 more clips"):
        corpus.for_model(type(time_axis)(8))


def test_clips_too_short_for_a_model_are_skipped_and_the_others_stay_themselves(
    make_corpus, time_axis, lines
):
    corpus = make_corpus([12, 4, 9], [("A", "A"), ("A", "B"), ("C", "B")])
    fitting = corpus.for_model(time_axis, on_bad_clip="skip", say=lines.append)
    assert lines[0] == "plain train: 1 of 3 clips are left out: clip1."
    assert [clip.id for clip in fitting.clips] == ["clip0", "clip2"]
    assert fitting.labels == ((1, 1), (3, 2))
    assert fitting.num_frames == 21
    np.testing.assert_array_equal(fitting.frames(1), corpus.frames(2))
    again = fitting.for_model(type(time_axis)(4.5), on_bad_clip="skip", say=str)
    np.testing.assert_array_equal(again.frames(0), corpus.frames(2))
    with pytest.raises(ValueError, match="The split 'train' has no clips"):
        corpus.for_model(type(time_axis)(20), on_bad_clip="skip", say=str)
    with pytest.raises(ValueError, match="on_bad_clip must be one of 'stop', 'skip'"):
        corpus.for_model(time_axis, on_bad_clip="drop")


def test_clips_too_short_for_a_model_are_skipped_in_the_cache_too(time_axis):
    corpus = data.load("fingerspelling", "dev", num_clips=6)
    stride = sorted(clip.num_frames for clip in corpus.clips)[3]
    fitting = corpus.for_model(type(time_axis)(stride), on_bad_clip="skip", say=str)
    assert 0 < len(fitting) < 6
    for index, clip in enumerate(fitting.clips):
        expected = corpus.read(corpus.clips.index(clip))
        np.testing.assert_array_equal(fitting.frames(index), expected)
        np.testing.assert_array_equal(fitting.frames(index), expected)


def test_a_corpus_that_says_no_version_has_a_digest_of_its_clips(
    make_corpus, time_axis
):
    corpus = make_corpus([12, 4], version=None)
    fitting = corpus.for_model(time_axis, on_bad_clip="skip", say=str)
    assert corpus.version == make_corpus([12, 4], version=None).version
    assert fitting.version == make_corpus([12], version=None).version
    assert make_corpus([12, 4]).version == "1"


def test_unknown_gloss_is_named_on_load(make_corpus):
    with pytest.raises(ValueError, match="'X' of clip clip0"):
        make_corpus([12], [("A", "X")])


def test_clip_without_glosses_or_frames_is_named_on_load(make_corpus):
    with pytest.raises(ValueError, match="clip0 has no glosses"):
        make_corpus([12], [()])
    with pytest.raises(ValueError, match="clip1 has no frames"):
        make_corpus([12, 0])


def test_labels_are_the_class_ids_of_the_glosses(make_corpus):
    assert make_corpus([12, 12], [("A", "C"), ("B",)]).labels == ((1, 3), (2,))


def test_float_frames_are_refused_naming_the_clip(make_corpus):
    corpus = make_corpus([12], read=lambda index: np.zeros((12, 8, 8, 3), "float32"))
    with pytest.raises(ValueError, match="clip0 are float32; they must be uint8"):
        corpus.frames(0)


def test_frames_of_another_size_are_refused_naming_the_clip(make_corpus):
    corpus = make_corpus([12], read=lambda index: np.zeros((12, 9, 8, 3), "uint8"))
    with pytest.raises(ValueError, match=r"clip0 have the shape \(12, 9, 8, 3\)"):
        corpus.frames(0)
