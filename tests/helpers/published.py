"""State dicts of published networks, narrowed: their names, random numbers."""

from dtf_keras import convert
from tests.helpers import golden_recipe

WIDTH = 0.0625
_TWINS = ("full_conv_v7", "full_conv_v8")  # one set of tensors, two networks

every_network = convert.convertible()


def state_dict(name, width=WIDTH, num_classes=20):
    """The tensors of a network, by torch's names; second names included."""
    return _MAKE[convert.family_of(name).name](name, width, num_classes)


def told_name(name):
    """What the converter has to be told: the name, if the tensors do not tell it."""
    return name if name in _TWINS else None


_MAKE = {"full_conv": golden_recipe.narrow}
