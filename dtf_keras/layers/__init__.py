"""Layers of dynamic temporal fusion. Importing them registers them with Keras."""

from dtf_keras.layers.batch_mask import LongestClipMask, MaskLike
from dtf_keras.layers.batch_norm import BatchNormalization, FrameBatchNormalization
from dtf_keras.layers.blank_padding import BlankPadding, count_valid_steps
from dtf_keras.layers.causal_tcn import CausalTCNBlock
from dtf_keras.layers.chosen_neighbours import ChosenNeighbours
from dtf_keras.layers.dynamic_framing import DynamicFraming
from dtf_keras.layers.frame_backbone import FrameBackbone, scale_channels
from dtf_keras.layers.frame_mask import FrameMask
from dtf_keras.layers.fusion import GRUFusion, SoftmaxFusion
from dtf_keras.layers.hash_map_merge import HashMapMerge
from dtf_keras.layers.local_attention import LocalTopKAttention
from dtf_keras.layers.masked_conv1d import MaskedConv1D
from dtf_keras.layers.masked_max_pooling1d import MaskedMaxPooling1D
from dtf_keras.layers.masking import lengths_to_mask, mask_to_lengths
from dtf_keras.layers.neighbourhood import Neighbourhood, find_neighbours
from dtf_keras.layers.temporal_attention import TemporalAttention3, TemporalAttention4
from dtf_keras.layers.temporal_fusion import TemporalFusion

__all__ = [
    "BatchNormalization",
    "BlankPadding",
    "CausalTCNBlock",
    "ChosenNeighbours",
    "DynamicFraming",
    "FrameBackbone",
    "FrameBatchNormalization",
    "FrameMask",
    "GRUFusion",
    "HashMapMerge",
    "LocalTopKAttention",
    "LongestClipMask",
    "MaskLike",
    "MaskedConv1D",
    "MaskedMaxPooling1D",
    "Neighbourhood",
    "SoftmaxFusion",
    "TemporalAttention3",
    "TemporalAttention4",
    "TemporalFusion",
    "count_valid_steps",
    "find_neighbours",
    "lengths_to_mask",
    "mask_to_lengths",
    "scale_channels",
]
