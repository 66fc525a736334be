"""SEN, a network by Hu and others."""

from typing import ClassVar

from dtf_keras.convert.families.conv_and_sequence import ConvAndSequence


class SEN(ConvAndSequence):
    name = "sen"
    networks = ("sen",)
    marks: ClassVar = (".tsem.", ".ssem.")
