"""Layers of dynamic temporal fusion. Importing them registers them with Keras."""

from dtf_keras.layers.frames.attention_pool import AttentionPool
from dtf_keras.layers.frames.bottleneck_block import BottleneckBlock
from dtf_keras.layers.frames.correlated_stage import CorrelatedStage
from dtf_keras.layers.frames.correlation import Correlation
from dtf_keras.layers.frames.emphasis import (
    SelfEmphasis,
    SpatialEmphasis,
    TemporalEmphasis,
)
from dtf_keras.layers.frames.frame_conv2d import FrameConv2D
from dtf_keras.layers.frames.frame_stem import FrameStem
from dtf_keras.layers.frames.identification import Identification
from dtf_keras.layers.frames.masked_conv3d import MaskedConv3D, MaskedDepthwiseConv3D
from dtf_keras.layers.frames.neighbour_correlation import NeighbourCorrelation
from dtf_keras.layers.frames.plain_convnet import FrameBackbone, scale_channels
from dtf_keras.layers.frames.residual_block import ResidualBlock
from dtf_keras.layers.frames.resnet import ResNet
from dtf_keras.layers.frames.scaled_addition import ScaledAddition
from dtf_keras.layers.frames.slowfast import SlowFast
from dtf_keras.layers.frames.strided_frame_conv import StridedFrameConv
from dtf_keras.layers.frames.two_way_fusion import TwoWayFusion
from dtf_keras.layers.fusion.chosen_neighbours import ChosenNeighbours
from dtf_keras.layers.fusion.dynamic_framing import DynamicFraming
from dtf_keras.layers.fusion.hash_map_merge import HashMapMerge
from dtf_keras.layers.fusion.multi_scale_fusion import MultiScaleFusion
from dtf_keras.layers.fusion.neighbour_fusion import (
    ConvFusion,
    GRUFusion,
    SoftmaxFusion,
)
from dtf_keras.layers.fusion.neighbourhood import Neighbourhood, find_neighbours
from dtf_keras.layers.fusion.temporal_attention import (
    TemporalAttention3,
    TemporalAttention4,
)
from dtf_keras.layers.fusion.temporal_fusion import TemporalFusion
from dtf_keras.layers.heads.blank_padding import BlankPadding, count_valid_steps
from dtf_keras.layers.heads.norm_scaled_dense import NormScaledDense
from dtf_keras.layers.landmarks.hand_backbone import HandBackbone
from dtf_keras.layers.masked.batch_mask import LongestClipMask, MaskLike
from dtf_keras.layers.masked.batch_norm import (
    FrameBatchNormalization,
    MaskedBatchNormalization,
)
from dtf_keras.layers.masked.feature_slice import FeatureSlice
from dtf_keras.layers.masked.frame_mask import FrameMask
from dtf_keras.layers.masked.instance_norm import MaskedInstanceNormalization
from dtf_keras.layers.masked.masked_conv1d import MaskedConv1D
from dtf_keras.layers.masked.masked_max_pooling1d import MaskedMaxPooling1D
from dtf_keras.layers.masked.masked_valid_conv1d import MaskedValidConv1D
from dtf_keras.layers.masked.masking import lengths_to_mask, mask_to_lengths
from dtf_keras.layers.recomputation import recompute
from dtf_keras.layers.temporal.bilstm import BiLSTM
from dtf_keras.layers.temporal.causal_tcn import CausalTCNBlock
from dtf_keras.layers.temporal.edge_frames import EdgeFrames, edge_of
from dtf_keras.layers.temporal.lifting_pool import LiftingPool, LocalWeighting
from dtf_keras.layers.temporal.local_attention import LocalTopKAttention
from dtf_keras.layers.time_axis import TimeAxis
from dtf_keras.layers.time_geometry import STEP_BY_STEP, WHOLE_CLIP, TimeGeometry

__all__ = [
    "STEP_BY_STEP",
    "WHOLE_CLIP",
    "AttentionPool",
    "BiLSTM",
    "BlankPadding",
    "BottleneckBlock",
    "CausalTCNBlock",
    "ChosenNeighbours",
    "ConvFusion",
    "CorrelatedStage",
    "Correlation",
    "DynamicFraming",
    "EdgeFrames",
    "FeatureSlice",
    "FrameBackbone",
    "FrameBatchNormalization",
    "FrameConv2D",
    "FrameMask",
    "FrameStem",
    "GRUFusion",
    "HandBackbone",
    "HashMapMerge",
    "Identification",
    "LiftingPool",
    "LocalTopKAttention",
    "LocalWeighting",
    "LongestClipMask",
    "MaskLike",
    "MaskedBatchNormalization",
    "MaskedConv1D",
    "MaskedConv3D",
    "MaskedDepthwiseConv3D",
    "MaskedInstanceNormalization",
    "MaskedMaxPooling1D",
    "MaskedValidConv1D",
    "MultiScaleFusion",
    "NeighbourCorrelation",
    "Neighbourhood",
    "NormScaledDense",
    "ResNet",
    "ResidualBlock",
    "ScaledAddition",
    "SelfEmphasis",
    "SlowFast",
    "SoftmaxFusion",
    "SpatialEmphasis",
    "StridedFrameConv",
    "TemporalAttention3",
    "TemporalAttention4",
    "TemporalEmphasis",
    "TemporalFusion",
    "TimeAxis",
    "TimeGeometry",
    "TwoWayFusion",
    "count_valid_steps",
    "edge_of",
    "find_neighbours",
    "lengths_to_mask",
    "mask_to_lengths",
    "recompute",
    "scale_channels",
]
