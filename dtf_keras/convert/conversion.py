"""From torch's tensors to a model of the zoo."""

import dataclasses

import keras
import numpy as np

from dtf_keras import models
from dtf_keras.convert.assignments import Assignment, assignments
from dtf_keras.convert.families import family_of, nearest_family
from dtf_keras.convert.family import Family
from dtf_keras.convert.layouts import by_class
from dtf_keras.convert.problems import list_problems
from dtf_keras.convert.tensors import StateDictError, as_arrays, sort_out


@dataclasses.dataclass(frozen=True)
class Conversion:
    """A converted model and how it came about.

    Attributes:
        model: the `dtf_keras.models.Recognizer`.
        config: its config.
        family: the `Family` of the network.
        source_classes: number of the file's classes.
        keep_special: whether all of them are the model's.
        classes: int `[V]`, the file's class of each of the model's.
        assignments: the `Assignment` of each of its variables.
        shapes: dict of the file's names to the shapes of its tensors.
        left_out: names of tensors that are in no variable, and why.
        notes: sentences on what the tensors show of their training.
    """

    model: keras.Model
    config: models.ModelConfig
    family: Family
    source_classes: int
    keep_special: bool
    classes: np.ndarray
    assignments: list[Assignment]
    shapes: dict[str, tuple[int, ...]]
    left_out: dict[str, str]
    notes: list[str]

    def class_names(self, glosses):
        """Names of the model's classes 1 .. V-1, for its `glosses.txt`.

        Args:
            glosses: the file's glosses in the order of its classes.

        Raises:
            ValueError: there are more or fewer than classes.
        """
        return self.family.class_names(glosses, self.source_classes, self.keep_special)


def from_state_dict(
    state_dict, name=None, *, keep_special=True, frame_size=None, **options
):
    """The zoo model with the weights of a published network.

    Its logits are those of the network, with blank as class 0. The family of networks
    is told from the names of the tensors (`dtf_keras.convert.families`).

    Args:
        state_dict: torch names mapped to numpy arrays or tensors (of any framework),
            or the dict that the network's trainer saves.
        name: zoo name; `None` infers it from the tensors.
        keep_special: keep classes that are no glosses, such as <PAD> and <UNK> of
            full_conv's.
        frame_size: H = W or `(H, W)`, pixels; `None` is the model's default. The
            weights fit any.
        **options: the model's own. What the tensors do not tell has the model's
            default (`window`, `residual`), or the value with which it does what the
            network does (`unbiased_norm` of v3, `source_padding` of v8).

    Returns:
        A `dtf_keras.models.Recognizer`, not yet compiled; its width, blocks of its
        backbone and number of classes are those of the tensors.

    Raises:
        StateDictError: tensors that are missing, unknown, of another shape, not
            finite or unlike their second name: the message lists them. Or tensors that
            fit several models: it lists those. Or those of no family.
        ValueError: an unknown model or option.
    """
    conversion = convert(
        state_dict, name, keep_special=keep_special, frame_size=frame_size, **options
    )
    return conversion.model


def convert(state_dict, name=None, *, keep_special=True, frame_size=None, **options):
    """As `from_state_dict`, but says how: a `Conversion`."""
    family = None if name is None else family_of(name)
    arrays = as_arrays(state_dict)
    family = family or nearest_family(arrays)
    names = [name] if name else family.nearest(arrays)
    told = family.options(arrays, names[0])
    source_classes = family.count_classes(arrays)
    order = family.class_order(source_classes, keep_special)
    config = _config(family, names[0], told, len(order), frame_size, options)
    model = models.build(names[0], config)
    found = _assignments_of(model, family, order, source_classes)
    tensors = sort_out(arrays, family.aliases(told), family.reason_to_leave)
    problems = list_problems(found, tensors, family.strangers)
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
        assignment.variable.assign(assignment.value(tensors.kept))
    return Conversion(
        model=model,
        config=config,
        family=family,
        source_classes=source_classes,
        keep_special=keep_special,
        classes=order,
        assignments=found,
        shapes={key: array.shape for key, array in tensors.kept.items()},
        left_out=tensors.left_out,
        notes=family.notes(tensors.kept),
    )


def _config(family, name, told, num_classes, frame_size, options):
    for option in ("num_classes", *told):
        if option in options:
            raise ValueError(f"{option} is read off the tensors: leave it out.")
    known = {field.name for field in dataclasses.fields(models.entry(name).config)}
    parity = {option: on for option, on in family.parity.items() if option in known}
    size = {} if frame_size is None else {"frame_size": frame_size}
    options = {**parity, **options, **told, **size}
    return models.make_config(name, num_classes=num_classes, **options)


def _assignments_of(model, family, order, source_classes):
    """Every `Assignment` of a model, the classes in the order of the file."""
    found = []
    in_order = np.array_equal(order, np.arange(source_classes))
    for layer in model.layers:
        if not layer.weights:
            continue
        of_layer = assignments(layer, family.modules[layer.name])
        if layer.name in family.classifiers and not in_order:
            of_layer = [
                one._replace(layout=by_class(one.layout, order, source_classes))
                for one in of_layer
            ]
        found += of_layer
    return found
