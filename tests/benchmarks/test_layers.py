import dataclasses
import os
from concurrent.futures.process import BrokenProcessPool

import numpy as np
import pytest
from keras import ops

from dtf_keras import layers
from dtf_keras.benchmarks.figures import Figures, table
from dtf_keras.benchmarks.layers import LAYERS, Arguments, measure, run
from dtf_keras.benchmarks.measure import (
    compiled,
    gradients,
    in_new_process,
    median_seconds,
    memory,
)
from dtf_keras.benchmarks.per_frame import PerFrame, ProjectGathered
from tests.helpers.backends import gradient, to_numpy

SMALL = Arguments(frames=(10, 20), features=6, window=3, repeats=2)


@pytest.fixture
def clips():
    """Two clips in which neighbourhoods coincide, other ones in each."""
    rng = np.random.default_rng(0)
    return np.cumsum(rng.normal(size=(2, 20, 6)), axis=1).astype("float32")


def made(name, clips):
    layer = getattr(layers, name)(window=3)
    layer.build(clips.shape)
    return layer


@pytest.mark.parametrize("name", LAYERS)
def test_the_loop_gives_what_the_layer_gives(name, clips):
    layer = made(name, clips)
    x = ops.convert_to_tensor(clips)
    expected = to_numpy(layer(x))
    found = to_numpy(PerFrame(layer)(x, clips))
    np.testing.assert_allclose(found, expected, atol=1e-5)
    if name == "HashMapMerge":
        kept = to_numpy(layer.compute_mask(x)).sum(axis=1)
        assert len(set(kept)) == 2
        assert kept.max() < 20


@pytest.mark.parametrize("name", LAYERS[1:])
def test_projecting_gathered_frames_gives_what_the_layer_gives(name, clips):
    layer = made(name, clips)
    other = getattr(layers, name)(window=3)
    other.fuse = ProjectGathered(3, name="gru")
    other.build(clips.shape)
    other.set_weights(layer.get_weights())
    x = ops.convert_to_tensor(clips)
    np.testing.assert_allclose(to_numpy(other(x)), to_numpy(layer(x)), atol=1e-5)


def test_gradients_are_by_the_input_and_every_weight(clips):
    layer = made("TemporalAttention3", clips)
    x = ops.convert_to_tensor(clips)
    step = compiled(gradients(layer, layer.trainable_variables))
    by_x, *by_weights = [to_numpy(g) for g in flat(step(x))]
    expected = gradient(lambda x: ops.mean(ops.square(layer(x))), clips)
    np.testing.assert_allclose(by_x, expected, atol=1e-6)
    shapes = [tuple(v.shape) for v in layer.trainable_variables]
    assert [g.shape for g in by_weights] == shapes
    assert all(np.abs(g).max() > 0 for g in by_weights)


def flat(nested):
    import keras

    return keras.tree.flatten(nested)


@pytest.mark.parametrize("way", ["layer", "project gathered", "per-frame loop"])
def test_a_measurement_has_all_figures(way):
    figures = measure(SMALL, "TemporalAttention4", way, 10)
    assert (figures.layer, figures.way) == ("TemporalAttention4", way)
    assert figures.forward > 0
    assert figures.backward > 0


def test_the_memory_of_a_process_is_read_in_bytes():
    now, peak = memory()
    assert 2**26 < now <= peak < 2**40
    assert in_new_process(os.getpid) != os.getpid()


def test_the_median_is_of_the_repeats_and_a_slow_call_is_not_repeated():
    calls = []
    median_seconds(calls.append, 1, repeats=5)
    assert len(calls) == 5
    median_seconds(calls.append, 1, repeats=5, limit=-1)
    assert len(calls) == 6


def test_the_table_compares_each_way_with_the_layer():
    def figures(way, frames, seconds):
        return Figures("HashMapMerge", way, frames, seconds, 2 * seconds, 2**20, 2**22)

    rows = [figures("layer", 10, 0.01), figures("layer", 20, 0.03)]
    rows += [figures("per-frame loop", 10, 0.5), figures("per-frame loop", 20, 0.9)]
    text = table(SMALL, rows)
    assert "50.0x, 50.0x" in text
    assert "30.0x, 30.0x" in text
    assert "2 times the frames" in text
    assert "forward 3.0x, with backward 3.0x the time and 1.0x the memory" in text


def test_a_run_measures_every_way_of_every_layer(monkeypatch, capsys):
    monkeypatch.setattr(
        "dtf_keras.benchmarks.measure.in_new_process",
        lambda function, arguments, *one: Figures(*one, 1.0, 1.0, 2**20, 2**20),
    )
    figures = run(SMALL)
    ways = {(one.layer, one.way) for one in figures}
    assert len(ways) == 4 * 3 - 1
    assert len(figures) == 2 * len(ways)
    without = run(dataclasses.replace(SMALL, loop=False))
    assert {one.way for one in without} == {"layer", "project gathered"}
    output = capsys.readouterr()
    assert "22/22 HashMapMerge, per-frame loop, 20 frames" in output.err
    assert "TemporalAttention3" in output.out


def test_a_measurement_that_runs_out_of_memory_is_left_out(monkeypatch, capsys):
    def ended(function, arguments, layer, way, frames):
        if frames == 20:
            raise BrokenProcessPool
        return Figures(layer, way, frames, 1.0, 1.0, 2**20, 2**20)

    monkeypatch.setattr("dtf_keras.benchmarks.measure.in_new_process", ended)
    assert {one.frames for one in run(SMALL)} == {10}
    assert "20 frames left out: its process was ended" in capsys.readouterr().err


def test_clips_shorter_than_a_neighbourhood_are_refused():
    with pytest.raises(ValueError, match="at least --window 16 frames"):
        Arguments(frames=(12, 100))
    with pytest.raises(ValueError, match="1 or more"):
        Arguments(repeats=0)
