from dtf_keras.benchmarks.stream import Arguments, run


def test_frames_are_timed_one_by_one_and_together(capsys):
    rates = run(Arguments(model="full_conv", width=0.0625, frames=30, at_once=(1, 10)))
    text = capsys.readouterr().out
    assert set(rates) == {1, 10}
    assert all(rate > 0 for rate in rates.values())
    assert "full_conv, width 0.0625, 30 frames" in text
    assert "latency 0.56 s" in text
    assert text.count("frames/s") == 2
