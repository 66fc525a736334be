"""What Keras' export leaves open: what can be exported, and names in ONNX."""

import importlib.util
import json
import pathlib

import keras
import numpy as np

from dtf_keras.files import write_json

_GRAPHS = ("tf_saved_model", "onnx")
_AXES = {
    "video": ("batch", "frames"),
    "landmarks": ("batch", "frames"),
    "num_frames": ("batch",),
    "logits": ("batch", "steps"),
}


def require_exportable(model, format):
    """Checks that Keras can write `model` in `format`.

    Raises:
        ValueError: SavedModel or ONNX on another backend than TensorFlow; ONNX of a
            model that computes in another precision than float32.
        ModuleNotFoundError: ONNX, and tf2onnx is not installed.
    """
    backend = keras.backend.backend()
    if format in _GRAPHS and backend != "tensorflow":
        raise ValueError(
            f"Model '{model.name}' runs on {backend}, where a graph with open batch "
            f"and time axes cannot be exported as {format!r}. Save it "
            "(model.save('model.keras')), then load and export it in a process with "
            "KERAS_BACKEND=tensorflow: the weights are the same on every backend."
        )
    if format != "onnx":
        return
    other = {layer.compute_dtype for layer in model.layers} - {"float32"}
    if other:
        raise ValueError(
            f"ONNX export needs a model that computes in float32. Model '{model.name}' "
            f"computes in {', '.join(sorted(other))}: build it anew under "
            "keras.config.set_dtype_policy('float32') and load its weights there."
        )
    if importlib.util.find_spec("tf2onnx") is None:
        raise ModuleNotFoundError(
            "ONNX export needs tf2onnx, which is not installed: "
            'pip install "dtf_keras[export]"'
        )


def open_signature(model):
    """The inputs of an exported graph as the model was built: float clips, open B.

    Keras makes the same, but not for a model that was never called.
    """
    return [
        {
            x.name: keras.InputSpec(dtype=x.dtype, shape=x.shape, name=x.name)
            for x in model.inputs
        }
    ]


def facts_of(model):
    """What whoever runs an exported graph must know: dict of names to JSON texts.

    `model`, `input_format` (see `dtf_keras.input_format`), `glosses` (of classes
    1 .. V-1) and `steps` (see `_steps_of`), as far as the model knows them.
    """
    read = model.input_format and model.input_format.to_dict()
    glosses = None if model.glosses is None else list(model.glosses)
    said = {"model": model.name, "input_format": read, "glosses": glosses}
    said["steps"] = _steps_of(model)
    return {
        name: json.dumps(value, ensure_ascii=False)
        for name, value in said.items()
        if value is not None
    }


def _steps_of(model):
    """How a stream of frames is read: step s is at frame s * `stride`.

    Beside that frame it sees so many `before` and `after`. `None` where a step may see
    the whole clip, its place depends on what is in the clip, or a part of a clip must
    not begin at any step.
    """
    try:
        axis = model.time_axis
    except TypeError:  # a layer of the user's own that does not say it
        return None
    if axis.before is None or axis.undetermined or axis.grid != axis.stride:
        return None
    places = axis.places(4 * (axis.before + axis.after + axis.stride))
    if (places != axis.stride * np.arange(len(places))).any():
        return None
    return {"before": axis.before, "after": axis.after, "stride": axis.stride}


def finish_saved_model(folder, model):
    """Puts `facts_of` a model into the folder of its SavedModel, as a JSON file."""
    facts = {name: json.loads(text) for name, text in facts_of(model).items()}
    extra = pathlib.Path(folder) / "assets.extra"  # TensorFlow's place for what is more
    extra.mkdir(exist_ok=True)
    write_json(extra / "dtf_keras.json", facts)


def finish_onnx(path, model):
    """Names the output and the open axes of an ONNX file, and checks the file.

    The output becomes `logits [batch, steps, V]`; the inputs keep their names. The
    metadata get `facts_of` the model, their names after `dtf_keras.`.

    Raises:
        ValueError: the file has an operation that ONNX does not know, which tf2onnx
            writes nevertheless.
    """
    import onnx

    file = onnx.load(path)
    graph = file.graph
    old = graph.output[0].name
    for node in graph.node:
        for names in (node.input, node.output):
            names[:] = ["logits" if name == old else name for name in names]
    graph.output[0].name = "logits"
    for value in (*graph.input, *graph.output):
        dims = value.type.tensor_type.shape.dim
        for dim, axis in zip(dims, _AXES.get(value.name, ()), strict=False):
            if not dim.dim_value:
                dim.dim_param = axis
    for name, text in facts_of(model).items():
        file.metadata_props.add(key=f"dtf_keras.{name}", value=text)
    try:
        onnx.checker.check_model(file)
    except onnx.checker.ValidationError as error:
        reason = str(error).strip().splitlines()[0]
        raise ValueError(
            f"A layer of the model uses an operation that ONNX lacks: {reason}"
        ) from error
    onnx.save(file, path)
