"""The families of networks whose files the converter understands, one file each."""

from dtf_keras import models
from dtf_keras.convert.families.corrnet import CorrNet, CorrNetPlus
from dtf_keras.convert.families.full_conv import FullConv
from dtf_keras.convert.families.sen import SEN
from dtf_keras.convert.families.slowfast_sign import SlowFastSign
from dtf_keras.convert.families.tlp import TLP
from dtf_keras.convert.families.vac import VAC
from dtf_keras.convert.tensors import StateDictError
from dtf_keras.words import unknown

FAMILIES = (
    FullConv(),
    VAC(),
    CorrNet(),
    SEN(),
    TLP(),
    CorrNetPlus(),
    SlowFastSign(),
)


def convertible():
    """Zoo names of the models that files can be converted to."""
    return [name for family in FAMILIES for name in family.networks]


def family_of(name):
    """The `Family` of a zoo model.

    Raises:
        ValueError: there is no such model, or no published network is like it.
    """
    models.entry(name)
    for family in FAMILIES:
        if name in family.networks:
            return family
    raise ValueError(unknown("published network", name, convertible()))


def nearest_family(names):
    """The `Family` whose tensors have most of some names.

    Raises:
        StateDictError: no family has any of them.
    """
    family = max(FAMILIES, key=lambda family: family.likeness(names))
    if family.likeness(names):
        return family
    begin = sorted({name.split(".")[0] for name in names})
    known = "; ".join(
        f"{family.name}: {', '.join(sorted(family.tops))}" for family in FAMILIES
    )
    raise StateDictError(
        f"The names of these tensors begin with {', '.join(begin[:5])}"
        f"{' ...' * (len(begin) > 5)}: so do those of no family of networks here. "
        f"They begin so. {known}."
    )
