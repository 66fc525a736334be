"""What the options of a layer may be."""

import numbers


def whole_number(name, value):
    """`value` as an int.

    Raises:
        ValueError: it is no whole number from 1.
    """
    if not isinstance(value, numbers.Real) or value % 1 or value < 1:
        raise ValueError(f"{name} must be a whole number from 1. Received: {value!r}.")
    return int(value)


def drop_rate(name, value):
    """`value` as a float.

    Raises:
        ValueError: it is no number from 0 to below 1.
    """
    if not isinstance(value, numbers.Real) or not 0 <= value < 1:
        raise ValueError(f"{name} must be at least 0 and below 1. Received: {value!r}.")
    return float(value)
