"""Pieces that networks share."""
