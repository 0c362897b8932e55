"""The faults of the catalogue, each a function over a line."""
