"""All frames of a corpus in one HDF5 file."""
