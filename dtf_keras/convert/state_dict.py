"""From the source's tensors to a model of the zoo."""

import dataclasses

import keras
import numpy as np

from dtf_keras import models
from dtf_keras.convert import rows
from dtf_keras.convert.assignments import Assignment, assignments
from dtf_keras.convert.classes import class_order
from dtf_keras.convert.layouts import DENSE, SAME, by_class
from dtf_keras.convert.problems import list_problems
from dtf_keras.convert.tensors import StateDictError, as_arrays, without_duplicates

PARITY = {"unbiased_norm": True, "source_padding": True}
"""Options, where a model has them, by which it does what the source does."""


@dataclasses.dataclass(frozen=True)
class Conversion:
    """A converted model and how it came about.

    Attributes:
        model: the `dtf_keras.models.Recognizer`.
        config: its config.
        classes: int `[V]`, the source's class of each of its classes.
        assignments: the `Assignment` of each of its variables.
        dropped: names of source tensors that are in no variable: second names, batch
            counters.
    """

    model: keras.Model
    config: models.ModelConfig
    classes: np.ndarray
    assignments: list[Assignment]
    dropped: list[str]


def from_state_dict(
    state_dict, name=None, keep_special=True, frame_size=112, **options
):
    """The zoo model with the weights of a network of the source.

    It gives the source's logits; blank, the source's last class, is class 0 and every
    other class one place up (`class_order`).

    Args:
        state_dict: torch names mapped to numpy arrays or tensors (of any framework),
            or the dict that the source's trainer saves.
        name: zoo name; `None` infers it from the tensors.
        keep_special: keep the source's classes <PAD>, <UNK>, <BOS> and <EOS>.
        frame_size: H = W, pixels; the weights fit any.
        **options: the model's own. What the tensors do not tell has the value of the
            source's row (`window`, `residual`); `unbiased_norm` (v3) and
            `source_padding` (v8) are on, so that the logits are the source's.

    Returns:
        A `dtf_keras.models.Recognizer`, not yet compiled; its width and number of
        classes are those of the tensors.

    Raises:
        StateDictError: tensors that are missing, unknown, of another shape, not
            finite or unlike their second name: the message lists them all. Or
            tensors that fit several models: it lists those.
        ValueError: an unknown model or option.
    """
    return convert(state_dict, name, keep_special, frame_size, **options).model


def convert(state_dict, name=None, keep_special=True, frame_size=112, **options):
    """As `from_state_dict`, but says how: a `Conversion`."""
    _refuse_inferred(options)
    if name is not None:
        rows.require_row(name)
    arrays, dropped, differing = without_duplicates(as_arrays(state_dict))
    shapes = {key: array.shape for key, array in arrays.items()}
    names = [name] if name else _infer_names(shapes)
    name = names[0]
    source_classes = _count_classes(shapes)
    order = class_order(source_classes, keep_special)
    config = models.make_config(
        name,
        num_classes=len(order),
        frame_size=frame_size,
        width=rows.infer_width(shapes),
        **_with_parity(name, options),
    )
    model = models.build(name, config)
    found = _assignments_of(model, order, source_classes)
    problems = list_problems(found, arrays, differing)
    if problems:
        raise StateDictError(
            f"The tensors are not those of {' or '.join(names)} (width "
            f"{config.width:g}, {source_classes} classes).\n{problems}"
        )
    if len(names) > 1:
        raise StateDictError(
            f"The tensors fit {' and '.join(names)} alike: give the name of the one "
            "they are of."
        )
    for assignment in found:
        assignment.variable.assign(assignment.value(arrays))
    return Conversion(model, config, order, found, dropped)


def _refuse_inferred(options):
    for option in ("width", "num_classes"):
        if option in options:
            raise ValueError(f"{option} is read off the tensors: leave it out.")


def _infer_names(shapes):
    """The nearest row, or the two whose tensors are the same."""
    nearest, exact = rows.matching_rows(shapes)
    return nearest if exact else nearest[:1]


def _count_classes(shapes):
    """The source's classes; without a classifier, the fewest there can be."""
    for tensor in ("fc.weight", "fc.bias"):
        if shapes.get(tensor):
            return shapes[tensor][0]
    return 6


def _with_parity(name, options):
    known = {field.name for field in dataclasses.fields(models.entry(name).config)}
    parity = {option: on for option, on in PARITY.items() if option in known}
    return {**parity, **options}


def _assignments_of(model, order, source_classes):
    found = []
    for layer in model.layers:
        if layer.weights and layer.name in rows.MODULES:
            found += assignments(layer, rows.MODULES[layer.name])
    by_layout = {
        layout: by_class(layout, order, source_classes) for layout in (DENSE, SAME)
    }
    classifier = model.get_layer("classifier").weights
    return [
        one._replace(layout=by_layout[one.layout])
        if any(one.variable is weight for weight in classifier)
        else one
        for one in found
    ]
