"""The networks, a function each; importing them registers them."""
