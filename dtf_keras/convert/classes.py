"""The order of classes: the source's blank is its last class, here it is class 0."""

import numpy as np

NUM_SPECIAL = 4
"""The source's <PAD> (its class 0) and <UNK>, <BOS>, <EOS> (before its blank)."""


def class_order(num_classes, keep_special=True):
    """The source's class of each class here.

    The source counts <PAD>, the glosses, <UNK>, <BOS>, <EOS>, <BLANK>. Here blank is
    class 0 and every other class moves one place up. Without the special classes a
    gloss keeps the number it has there.

    Args:
        num_classes: number of the source's classes.
        keep_special: keep <PAD>, <UNK>, <BOS> and <EOS>.

    Returns:
        int `[V]`: `logits[..., class_order(n)]` are the source's logits as a converted
        model gives them.

    Raises:
        ValueError: fewer classes than can be told apart.

    Example:

    >>> class_order(7).tolist()
    [6, 0, 1, 2, 3, 4, 5]
    >>> class_order(7, keep_special=False).tolist()  # glosses 1 and 2
    [6, 1, 2]
    """
    least = 2 if keep_special else NUM_SPECIAL + 2
    if num_classes < least:
        kept = "" if keep_special else " of which 4 are special and dropped"
        raise ValueError(
            f"The source has {num_classes} classes{kept}: blank and one gloss at the "
            f"least make {least}."
        )
    first, last = (0, num_classes - 1)
    if not keep_special:
        first, last = (1, num_classes - NUM_SPECIAL)
    return np.concatenate([[num_classes - 1], np.arange(first, last)])


def class_names(glosses, num_classes, keep_special=True):
    """Names of a converted model's classes 1 .. V-1, for its `glosses.txt`.

    Args:
        glosses: the source's glosses in its order, with or without the names of its
            special classes.
        num_classes: number of the source's classes.
        keep_special: as `class_order`.

    Returns:
        A list of V-1 names.

    Raises:
        ValueError: the number of glosses does not fit.
    """
    glosses = list(glosses)
    words, others = num_classes - 1 - NUM_SPECIAL, num_classes - 1
    if len(glosses) == words:
        glosses = ["<PAD>", *glosses, "<UNK>", "<BOS>", "<EOS>"]
    if len(glosses) != others:
        raise ValueError(
            f"The file lists {len(glosses)} glosses, but the checkpoint has "
            f"{num_classes} classes: give its {words} glosses, or all {others} "
            "classes but the blank, <PAD> first."
        )
    return [glosses[source] for source in class_order(num_classes, keep_special)[1:]]
