import numpy as np
import pytest

from dtf_keras import convert
from dtf_keras.convert.parity import largest_difference, read_run
from tests.helpers import golden_recipe as recipe


@pytest.fixture(scope="module")
def conversion():
    state_dict = recipe.narrow("full_conv", 0.0625)
    return convert.convert(state_dict, frame_size=32)


@pytest.fixture(scope="module")
def torch_run(conversion):
    """What torch would have given: blank last, T' of the batch, channels first."""
    rng = np.random.default_rng(1)
    video = rng.random((2, 16, 32, 32, 3), dtype="float32")
    lengths = np.array([16, 9])
    inputs = {"video": video, "num_frames": lengths}
    ours = conversion.model.predict_on_batch(inputs)
    logits = np.empty_like(ours)
    logits[..., conversion.classes] = ours
    video = video.transpose(0, 1, 4, 2, 3)
    return {"video": video, "logits": logits, "num_frames": lengths}


def write(path, **arrays):
    np.savez(path, **arrays)
    return path


def test_the_same_logits_in_the_sources_order_differ_by_nothing(
    conversion, torch_run, tmp_path
):
    run = read_run(write(tmp_path / "run.npz", **torch_run))
    assert run["video"].shape == (2, 16, 32, 32, 3)
    assert largest_difference(conversion, run) < 1e-6


def test_the_largest_difference_on_real_steps_is_found(conversion, torch_run, tmp_path):
    logits = torch_run["logits"].copy()
    logits[1, 2:] += 7  # padding of the second clip: 9 frames are 2 steps
    logits[0, 3, 4] += 0.25
    run = read_run(write(tmp_path / "run.npz", **{**torch_run, "logits": logits}))
    assert largest_difference(conversion, run) == pytest.approx(0.25, abs=1e-6)
    logits[0, 0, 0] = np.nan
    assert np.isnan(largest_difference(conversion, {**run, "logits": logits}))


def test_runs_that_do_not_fit_are_refused(conversion, torch_run, tmp_path):
    run = read_run(write(tmp_path / "run.npz", **torch_run))
    for logits, message in (
        (run["logits"][:, :2], "up to 4 steps"),
        (run["logits"][..., :9], "has 9 classes"),
    ):
        with pytest.raises(ValueError, match=message):
            largest_difference(conversion, {**run, "logits": logits})


def test_files_that_are_no_run_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        read_run(tmp_path / "nowhere.npz")
    (tmp_path / "text.npz").write_text("text")
    with pytest.raises(ValueError, match=r"text\.npz is not an \.npz"):
        read_run(tmp_path / "text.npz")
    with pytest.raises(ValueError, match="has no array logits"):
        read_run(write(tmp_path / "half.npz", video=np.zeros((1, 2, 3))))
    with pytest.raises(ValueError, match="video has 3 axes"):
        read_run(
            write(tmp_path / "flat.npz", video=np.zeros((1, 2, 3)), logits=np.zeros(1))
        )
