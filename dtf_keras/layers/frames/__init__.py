"""Backbones: from the pixels of frames to features."""
