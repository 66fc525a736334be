"""Layers that carry masks: the base of all others."""
