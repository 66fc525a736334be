"""Dynamic temporal fusion: a frame and the neighbours that look like it."""
