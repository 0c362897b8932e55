"""What everybody who looks sees: all buildings, one building, one room, the public board."""
