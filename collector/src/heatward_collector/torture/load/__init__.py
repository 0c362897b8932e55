"""More than a line can carry, for minutes."""
