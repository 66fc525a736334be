"""`evaluate` and `model.recognize` give a gloss the same times."""

import pytest

from dtf_keras import data, models, pictures
from dtf_keras.training.run.clip_picture import ClipPicture
from dtf_keras.training.scoring.timed_rows import recognize
from tests.helpers import clips, small

LENGTHS = (30, 41, 52, 17, 64)
KINDS = {
    "full_conv_v10": "pooled steps",
    "full_conv_v6": "a random quarter of the frames",
    "full_conv_v8": "frames with the same neighbourhood merged",
    "vac": "steps of repeated edge frames, fewer by convolutions",
}


@pytest.fixture(params=[name for name in KINDS if name in models.names()])
def model(request):
    return clips.model(request.param)


@pytest.fixture
def corpus():
    videos = [small.video([length], length)[0] for length in LENGTHS]
    return data.Corpus(
        name="noise",
        split="dev",
        vocabulary=data.Vocabulary(clips.GLOSSES),
        clips=[
            data.Clip(str(number), ("A",), "anyone", length)
            for number, length in enumerate(LENGTHS)
        ],
        input_format=clips.FORMAT,
        read=videos.__getitem__,
    )


def test_a_gloss_has_the_same_times_in_a_batch_and_alone(model, corpus):
    rows = recognize(model, corpus, batch_size=2, say=lambda line: None)
    assert sum(map(len, rows)) > 5
    for index, of_clip in enumerate(rows):
        alone = model.recognize(corpus.read(index))
        assert [row.gloss for row in of_clip] == [gloss.gloss for gloss in alone]
        for row, gloss in zip(of_clip, alone, strict=True):
            assert row.start == gloss.start
            assert row.duration == gloss.end - gloss.start
            assert row.confidence == pytest.approx(gloss.confidence, rel=1e-3)


def test_the_picture_of_a_run_has_them_too(model, corpus, tmp_path, monkeypatch):
    drawn = []

    def draw(path, frames, probabilities, spans, edges, reference, glosses, points):
        drawn.extend((edges[span.start], edges[span.stop]) for span in spans)
        assert len(edges) == len(probabilities) + 1
        assert points is None
        path.touch()

    monkeypatch.setattr(pictures, "draw_alignment", draw)
    ClipPicture(model, corpus).draw(tmp_path / "clip.png")
    result = model.recognize(corpus.read(0))
    assert drawn == [(gloss.start, gloss.end) for gloss in result]
