"""TLP, a network by Hu and others."""

from typing import ClassVar

from dtf_keras.convert.families.conv_and_sequence import (
    LIFTING_CONVOLUTIONS,
    ConvAndSequence,
)


class TLP(ConvAndSequence):
    name = "tlp"
    networks = ("tlp",)
    marks: ClassVar = (".predictor.",)
    convolutions: ClassVar = LIFTING_CONVOLUTIONS
