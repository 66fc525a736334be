"""Layers that read the points of a hand."""
