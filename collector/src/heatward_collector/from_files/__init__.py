"""Judging recorded data: readings, registry and outdoor temperatures from files, no server.

Whose readings they are, what counts and what is said is decided by the same functions as live.
"""
