"""The settings of a run, their checks, their file and its older formats."""
