"""How fast parts of the package are here: a module a part, options and `run`."""
