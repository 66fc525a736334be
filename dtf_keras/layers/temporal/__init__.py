"""Layers along the time axis."""
