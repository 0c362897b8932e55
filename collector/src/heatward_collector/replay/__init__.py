"""Recorded or simulated series sent through the real node code and the whole line."""
