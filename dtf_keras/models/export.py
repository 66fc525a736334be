"""What Keras' export leaves open: what can be exported, and names in ONNX."""

import importlib.util

import keras

_GRAPHS = ("tf_saved_model", "onnx")
_AXES = {
    "video": ("batch", "frames"),
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
    """The inputs of an exported graph as the model was built: float video, open B.

    Keras makes the same, but not for a model that was never called.
    """
    return [
        {
            x.name: keras.InputSpec(dtype=x.dtype, shape=x.shape, name=x.name)
            for x in model.inputs
        }
    ]


def finish_onnx(path):
    """Names the output and the open axes of an ONNX file, and checks the file.

    The output becomes `logits [batch, steps, V]`; the inputs keep their names.

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
    try:
        onnx.checker.check_model(file)
    except onnx.checker.ValidationError as error:
        reason = str(error).strip().splitlines()[0]
        raise ValueError(
            f"A layer of the model uses an operation that ONNX lacks: {reason}"
        ) from error
    onnx.save(file, path)
