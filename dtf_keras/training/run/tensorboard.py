"""What a run writes for TensorBoard, beside its history."""

import importlib.util
import io
import time

import keras
from PIL import Image

from dtf_keras.training.run.clip_picture import ClipPicture
from dtf_keras.training.settings.checks import SettingError


def require_tensorboard():
    """Checks that events can be written.

    Raises:
        SettingError: the library for it is not installed.
    """
    if importlib.util.find_spec("tensorboardX") is None:
        raise SettingError(
            "--tensorboard needs tensorboardX, which is not installed: "
            'pip install "dtf_keras[tensorboard]"'
        )


class TensorBoard(keras.callbacks.Callback):
    """Writes each epoch's row of the history, and a clip as the report shows it.

    In place of Keras' own, which needs TensorFlow. The steps are epochs, from 1. Place
    it after `DevErrors` and before `KeepWeights`: of a run that is continued the epochs
    that are trained again are then told to be forgotten.

    Args:
        folder: `RunFolder`; the events go to its `tensorboard`.
        dev: dev split; `None`: no clip is shown.
    """

    def __init__(self, folder, dev):
        super().__init__()
        self.folder = folder
        self.dev = dev

    def on_train_begin(self, logs=None):
        from tensorboardX.event_file_writer import EventsWriter
        from tensorboardX.proto.event_pb2 import SessionLog

        done = self.folder.read_history()
        folder = self.folder.tensorboard
        begun = folder.is_dir() and any(folder.iterdir())
        folder.mkdir(exist_ok=True)
        self._events = EventsWriter(str(folder / "events"), f".{len(done)}")
        again = SessionLog(status=SessionLog.START)
        self._write(len(done) + 1, session_log=again)
        if not begun:
            for row in done:
                self._write_row(int(row.pop("epoch")) + 1, row)
        self._picture = self.dev and ClipPicture(self.model, self.dev)

    def on_epoch_end(self, epoch, logs=None):
        self._write_row(epoch + 1, logs)
        if self._picture:
            self._write_picture(epoch + 1)
        self._events.flush()

    def on_train_end(self, logs=None):
        self._events.close()

    def _write_picture(self, step):
        from tensorboardX.proto.summary_pb2 import Summary

        png = io.BytesIO()
        self._picture.draw(png)
        width, height = Image.open(png).size
        image = Summary.Image(
            height=height,
            width=width,
            colorspace=4,
            encoded_image_string=png.getvalue(),
        )
        self._write(step, [Summary.Value(tag="alignment", image=image)])

    def _write_row(self, step, row):
        from tensorboardX.proto.summary_pb2 import Summary

        values = [
            Summary.Value(tag=name, simple_value=float(value))
            for name, value in row.items()
        ]
        self._write(step, values)

    def _write(self, step, values=(), **event):
        from tensorboardX.proto.event_pb2 import Event
        from tensorboardX.proto.summary_pb2 import Summary

        if values:
            event["summary"] = Summary(value=values)
        self._events.write_event(Event(wall_time=time.time(), step=step, **event))
