import importlib.util
import io
import struct
import sys

import pytest
from PIL import Image

from dtf_keras import training
from tests.helpers.killed_run import fit_until_killed

pytestmark = pytest.mark.usefixtures("small_model", "small_config")

event_pb2 = pytest.importorskip("tensorboardX.proto.event_pb2")


def events(folder):
    """All events of a run, in the order of its files."""
    found = []
    for path in sorted(folder.tensorboard.iterdir(), key=lambda p: p.suffix):
        data = io.BytesIO(path.read_bytes())
        while head := data.read(12):
            found.append(
                event_pb2.Event.FromString(data.read(*struct.unpack("Q4x", head)))
            )
            data.read(4)
    return found


def shown(folder):
    """What TensorBoard shows: dict of (tag, step) to the values."""
    values = {}
    for event in events(folder):
        if event.HasField("session_log"):
            values = {key: v for key, v in values.items() if key[1] < event.step}
        for value in event.summary.value:
            values.setdefault((value.tag, event.step), []).append(value)
    return values


def scalars(folder):
    return {
        key: [round(value.simple_value, 3) for value in values]
        for key, values in shown(folder).items()
        if key[0] != "alignment" and "seconds" not in key[0]
    }


def history(folder):
    return {
        (name, row["epoch"] + 1): [pytest.approx(value, abs=2e-3)]
        for row in folder.read_history()
        for name, value in row.items()
        if name != "epoch" and "seconds" not in name
    }


def test_every_epoch_is_a_step_with_the_history_and_a_picture(small_config, tmp_path):
    folder = training.fit(small_config, tmp_path / "run", tensorboard=True)
    assert scalars(folder) == history(folder)
    assert ("learning_rate", 4) in history(folder)
    pictures = [v for (tag, _), v in shown(folder).items() if tag == "alignment"]
    assert len(pictures) == 4
    (image,) = pictures[0]
    size = Image.open(io.BytesIO(image.image.encoded_image_string)).size
    assert size == (image.image.width, image.image.height)


@pytest.mark.parametrize("from_the_start", [True, False])
def test_a_run_that_is_continued_shows_each_epoch_once(
    from_the_start, small_config, tmp_path
):
    # Of the last epoch the events are written, the weights are not.
    run, options = tmp_path / "run", {"tensorboard": from_the_start}
    fit_until_killed(small_config, run, epoch=2, kept=False, **options)
    folder = training.resume(run, tensorboard=not from_the_start)
    assert scalars(folder) == history(folder)
    assert {step for _, step in shown(folder)} == {1, 2, 3, 4}


def test_without_the_library_nothing_begins(small_config, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda n: None if n == "tensorboardX" else find(n)
    )
    with pytest.raises(training.SettingError, match=r"dtf_keras\[tensorboard\]"):
        training.fit(small_config, tmp_path / "run", tensorboard=True)
    assert not (tmp_path / "run").exists()
