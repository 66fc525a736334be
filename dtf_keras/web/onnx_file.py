"""Exported models: which of them can read a camera."""

from dtf_keras.damage import damage_as, reason
from dtf_keras.input_format import InputFormat
from dtf_keras.json_text import parse_json
from dtf_keras.web.problems import WebError


def require_for_camera(path):
    """Checks that the model of an ONNX file can read a camera, hand by hand.

    Raises:
        WebError: it cannot, or it is no such file.
        FileNotFoundError: there is none.
        ModuleNotFoundError: `onnx` is not installed.
    """
    facts = _facts(path)
    if not {"input_format", "glosses"} <= facts.keys():
        raise WebError(
            f"{path} does not say what its model reads: export it with this version, "
            "from a model that has glosses."
        )
    with damage_as(lambda error: _damaged(path, error)):
        kind = InputFormat.from_dict(facts["input_format"]).kind
    if kind != "hand_landmarks":
        raise WebError(
            f"{path} reads {kind.replace('_', ' ')}, which a camera in the browser "
            'does not give: take a model that was made with input="landmarks".'
        )
    if "steps" not in facts:
        raise WebError(
            f"{path}: each step of this model may depend on the whole clip, so that it "
            "cannot read a camera: take another one, such as full_conv_v10."
        )


def _facts(path):
    try:
        import onnx
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            "Models of the web page are read with onnx, which is not installed: "
            'pip install "dtf_keras[export]"'
        ) from None
    with damage_as(lambda error: _damaged(path, error)):
        file = onnx.load(path, load_external_data=False)
        return {
            one.key.removeprefix("dtf_keras."): parse_json(one.value)
            for one in file.metadata_props
            if one.key.startswith("dtf_keras.")
        }


def _damaged(path, error):
    return WebError(f"{path} is no ONNX file, or a damaged one ({reason(error)}).")
