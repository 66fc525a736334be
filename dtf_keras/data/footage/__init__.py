"""Frames of recorded clips: folders of pictures and videos."""
