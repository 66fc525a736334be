import functools

import keras

from dtf_keras.files import write_whole
from dtf_keras.layers import TimeAxis, count_valid_steps
from dtf_keras.models.export import (
    finish_onnx,
    finish_saved_model,
    open_signature,
    require_exportable,
)
from dtf_keras.models.inputs import with_lengths
from dtf_keras.models.losses.ctc import CTCLoss, InfeasibleClips
from dtf_keras.models.losses.head_losses import LOGITS, HeadLosses
from dtf_keras.models.prediction import is_batched, predict_batches
from dtf_keras.words import tell, unknown


@keras.saving.register_keras_serializable(package="dtf_keras")
class Recognizer(keras.Model):
    """A functional model from sign-language clips to CTC logits.

    Call arguments:
        inputs: `{"video": [B, T, H, W, 3], "num_frames": int [B]}`; other keys are
            ignored. A plain video tensor, or a dict without `num_frames`, means that
            nothing is padded. Integer video is 0..255, float video is 0..1. A model
            with `input="landmarks"` reads `landmarks` `[B, T, 21, 2]` in its place:
            palm lengths, NaN where a point was not seen.

    Output: float32 logits `[B, T', V]`. Class 0 is blank; on steps that belong to
    padding blank is certain (logit 0, every gloss -1e9), so CTC and decoders need no
    lengths. `valid_steps(logits)` reads them back, under jit too. A model with several
    heads gives a dict of them all with `training=True`, and `logits` alone otherwise.

    Integers are scaled when the model is called, before its graph of layers, which
    reads floats. So make a part of a model a `Recognizer` as well, where it may read
    integers: `Recognizer(model.inputs, model.get_layer("backbone").output)`.
    """

    config = None
    """The `dtf_keras.models.ModelConfig` that `models.build` made it by; `None` after
    `keras.saving.load_model`."""

    input_format = None
    """The `dtf_keras.input_format.InputFormat` of the clips it reads; `None` after
    `keras.saving.load_model`."""

    glosses = None
    """Glosses of trained weights, `glosses[i]` is class `i + 1`; `None` where nobody
    has named the classes, and the model recognizes nothing yet."""

    decoder = None
    """The `dtf_keras.decoding.DecoderOptions` by which `recognize` reads glosses off it
    where nobody says how; `None`: greedily."""

    def call(self, inputs, training=None, mask=None):
        inputs = self._with_lengths(inputs)
        if training or len(self.heads) == 1:
            return super().call(inputs, training=training)
        return self._answering.call(inputs, training=training)

    def compute_output_spec(self, inputs, training=None, mask=None):
        heads = super().compute_output_spec(self._with_lengths(inputs))
        return heads if training else _answer(heads)

    @property
    def heads(self):
        """Dict of the name of each head to its logits, KerasTensor `[B, T', V]`."""
        output = self.output
        return output if isinstance(output, dict) else {LOGITS: output}

    @functools.cached_property
    def _answering(self):
        """The layers on the way to the logits, without those of other heads."""
        return keras.Model(self.input, self.heads[LOGITS])

    @functools.cached_property
    def time_axis(self):
        """`dtf_keras.layers.TimeAxis` from the clips to the logits."""
        return TimeAxis(self._clips, self.heads[LOGITS])

    @property
    def clips_name(self):
        """What the clips are called among the inputs: "video" or "landmarks"."""
        return self._clips.name

    @property
    def _clips(self):
        return next(x for x in self.inputs if x.name != "num_frames")

    def compile(
        self, optimizer=None, loss=None, metrics=None, head_weights=None, **kwargs
    ):
        """Keras' `compile`, with the defaults of the task.

        Args:
            optimizer: default Adam as in the source recipe: learning rate 1e-4, weight
                decay 1e-4 (decoupled here), gradient norm clipped at 5.
            loss: default `CTCLoss`: each clip's real steps only, clips too short for
                their glosses weighted 0. Of a model with several heads it is the loss
                of each; a dict gives each its own.
            metrics: default, with the default loss, `InfeasibleClips`, which counts
                those clips. They see the logits.
            head_weights: dict of head to the weight of its loss; by default those of
                the config, 1 for the others. The history has each head's loss as
                `<head>_loss`, unweighted. What layers add (`add_loss`) is in `loss`.
            **kwargs: as `keras.Model.compile`.
        """
        if loss is None:
            loss = CTCLoss()
            metrics = [InfeasibleClips()] if metrics is None else metrics
        if optimizer is None:
            optimizer = keras.optimizers.Adam(
                1e-4, weight_decay=1e-4, global_clipnorm=5.0
            )
        self._compile_heads(loss, head_weights)
        if isinstance(loss, dict):
            loss = loss[LOGITS]
        super().compile(optimizer=optimizer, loss=loss, metrics=metrics, **kwargs)

    def _compile_heads(self, loss, weights):
        self._head_losses = self._head_trackers = None
        if len(self.heads) == 1:
            return
        weights = weights or getattr(self.config, "head_weights", {})
        for head in weights.keys() - self.heads.keys():
            raise ValueError(unknown("head", head, self.heads, of=self.name))
        weights = {head: weights.get(head, 1.0) for head in self.heads}
        self._head_losses = HeadLosses(loss, weights)
        self._head_trackers = self._head_losses.trackers  # Keras looks for them here

    def make_train_function(self, force=False):
        """Keras' own, with the optimizer built.

        TensorFlow traces a training step that makes variables twice.
        """
        if not self.optimizer.built:
            self.optimizer.build(self.trainable_variables)
        return super().make_train_function(force)

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        """Nothing: the model is built, and its optimizer with the training step.

        Under `tf.distribute` Keras would build them from the mean of the first batch
        over the processes, which cannot be taken of a dict of inputs.
        """

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        if not isinstance(y_pred, dict):
            return super().compute_loss(x, y, y_pred, sample_weight, training)
        loss = self._head_losses(y, y_pred, sample_weight)
        return loss + sum(map(self._aggregate_additional_loss, self.losses))

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        logs = super().compute_metrics(x, y, _answer(y_pred), sample_weight)
        if self._head_trackers and not isinstance(y_pred, dict):  # in evaluation
            logs = {k: v for k, v in logs.items() if k not in self._unseen()}
        return logs

    def _unseen(self):
        return {tracker.name for tracker in self._head_trackers.values()}

    def predict(self, x, batch_size=None, verbose="auto", steps=None, callbacks=None):
        """Keras' `predict`: the logits of all clips, `[N, T', V]`.

        Args:
            x: inputs, as the model is called on them, or an iterable of batches, which
                may differ in T: the logits of the shorter ones get steps at the end in
                which blank is certain, as on padding.
            batch_size, verbose, steps, callbacks: as `keras.Model.predict`.
        """
        if not is_batched(x):
            return super().predict(x, batch_size, verbose, steps, callbacks)
        return predict_batches(self, x, verbose, steps, callbacks)

    def recognize(
        self,
        clips,
        num_best=1,
        decoder=None,
        frame_rate=None,
        window=None,
        overlap=None,
        mirrored=False,
    ):
        """Recognizes the glosses of a clip, or of each of a list of clips.

        Clips are read as a stream and brought to what `input_format` says: frame rate,
        size and colours, or the points of the hand that signs. Long ones are cut into
        overlapping windows, with the result of the whole clip, where the model's steps
        see a bounded part of a clip; else the features of all frames are kept, and no
        frame.

        Args:
            clips: one clip, or a list of clips. A clip is the path of a video file,
                of a folder of pictures (one a frame) or of a `.pose` file, an array
                `[T, H, W, 3]`, RGB, integers 0..255 or floats 0..1, or
                `dtf_keras.landmarks.HandLandmarks`.
            num_best: gloss sequences to give of each clip, as `alternatives`.
            decoder: `"greedy"`, `"beam"` or `dtf_keras.decoding.DecoderOptions`; by
                default the model's own, without one greedy; for more than one sequence
                always a beam search.
            frame_rate: frames a second of arrays and folders; that of `input_format`
                by default. Other clips say theirs themselves.
            window: frames of a window; 256, or more if the model sees far, by default.
            overlap: frames that windows share; by default as many as a step sees. With
                fewer the result differs near the cuts.
            mirrored: whether the clips show left and right exchanged, as in a mirror.

        Returns:
            A `dtf_keras.recognition.Recognition` for one clip, a list of them for a
            list: sequences of glosses with `gloss`, `start` and `end` in seconds and
            `confidence`.

        Raises:
            ValueError: the model has no `glosses`, or settings that cannot be.
            ClipError: a clip that is not there or cannot be read, that shows no hand,
                or is not what the model reads; names it.
            ModuleNotFoundError: what reads such a clip is not installed.
        """
        from dtf_keras.recognition import recognize  # reads files; training need not

        return recognize(
            self,
            clips,
            frame_rate=frame_rate,
            num_best=num_best,
            decoder=decoder,
            window=window,
            overlap=overlap,
            mirrored=mirrored,
        )

    def export(
        self,
        filepath,
        format="tf_saved_model",
        verbose=None,
        input_signature=None,
        **kwargs,
    ):
        """Keras' `export`: the forward pass as a file that runs without this package.

        Inputs of the graph: `video`, float32 `[B, T, H, W, 3]`, 0..1 (unless
        `input_signature` says uint8, then 0..255), and `num_frames`, int32 `[B]`; both
        are needed. Output: the logits; in ONNX it is named `logits`. B and T are open.
        What the model reads and what its classes mean goes along: in the metadata of an
        ONNX file, in `assets.extra/dtf_keras.json` of a SavedModel.

        Args:
            filepath: a new folder for `tf_saved_model`, a file for `onnx`.
            format: `"tf_saved_model"`, `"onnx"`, or another one that Keras knows and
                that is not tested here.
            verbose, input_signature, **kwargs: as `keras.Model.export`.

        Raises:
            ValueError: another backend than TensorFlow; ONNX of a model in another
                precision than float32, or with an operation that ONNX lacks.
            ModuleNotFoundError: ONNX, and tf2onnx is not installed.
        """
        require_exportable(self, format)
        if input_signature is None:
            input_signature = open_signature(self)
        options = {"input_signature": input_signature, **kwargs}
        if format != "onnx":
            super().export(filepath, format, verbose, **options)
            if format == "tf_saved_model":
                finish_saved_model(filepath, self)
            return

        def write(part):
            super(Recognizer, self).export(str(part), "onnx", False, **options)
            finish_onnx(part, self)

        write_whole(filepath, write)
        if verbose is not False:
            tell(f"Saved artifact at '{filepath}'.")

    def get_compile_config(self):
        config = super().get_compile_config()
        if config and self._head_losses:
            config["head_weights"] = self._head_losses.weights
        return config

    def compile_from_config(self, config):
        self.compile(**keras.saving.deserialize_keras_object(config))
        self.optimizer.build(self.trainable_variables)

    @staticmethod
    def valid_steps(logits):
        """Real output steps of each clip, from its logits: `[B, T', V]` -> `[B]`."""
        return count_valid_steps(logits)

    @property
    def input_spec(self):
        return None  # `_with_lengths` takes more forms than a spec can say.

    @input_spec.setter
    def input_spec(self, value):
        pass

    def _with_lengths(self, inputs):
        clips = self._clips
        return with_lengths(inputs, clips.name, clips.shape[2:], self.name)


def _answer(heads):
    return heads[LOGITS] if isinstance(heads, dict) else heads
