import pytest

from dtf_keras.convert.width import infer_width

CHANNELS = (32, 1024, 64, 128, 256, 512)


@pytest.mark.parametrize("width", [1 / 32, 0.1, 0.25, 0.3, 1 / 3, 0.5, 0.77, 1.0, 1.5])
def test_width_gives_back_every_channel_count(width):
    counts = [round(channels * width) for channels in CHANNELS]
    found = infer_width(list(zip(counts, CHANNELS, strict=True)))
    assert [round(channels * found) for channels in CHANNELS] == counts
    if len(str(width)) < 6:
        assert found == width


def test_one_odd_count_does_not_change_the_width():
    assert infer_width([(99, 32), (64, 64), (128, 128), (256, 256)]) == 1
    assert infer_width([]) == 1
