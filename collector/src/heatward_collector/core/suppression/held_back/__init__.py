"""A supply that is held back for days: places against others and by themselves, and their cuts."""
