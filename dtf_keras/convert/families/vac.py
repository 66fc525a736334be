"""VAC and SMKD, networks by Min, Hao and others."""

import numpy as np

from dtf_keras.convert.families.conv_and_sequence import (
    CONV,
    SEQUENCE,
    ConvAndSequence,
    has_plain_classifiers,
)


class VAC(ConvAndSequence):
    name = "vac"
    networks = ("vac", "vac_smkd")

    def nearest(self, arrays):
        if has_plain_classifiers(arrays):
            return ["vac"]
        both = [arrays.get(f"{head}weight") for head in (CONV, SEQUENCE)]
        known = [head for head in both if head is not None]
        apart = len(known) == 2 and not np.array_equal(*known, equal_nan=True)
        return ["vac" if apart else "vac_smkd"]

    def options(self, arrays, name):
        told = super().options(arrays, name)
        if name == "vac":
            told["weight_norm"] = not has_plain_classifiers(arrays)
        return told

    def aliases(self, options):
        shared = "weight_norm" not in options  # of vac_smkd
        return {CONV: SEQUENCE} if shared else {}
