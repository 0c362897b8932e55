"""What places do from day to day: levels, heat, the weather, and when they began to fall."""
