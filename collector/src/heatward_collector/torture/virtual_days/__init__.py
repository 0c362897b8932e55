"""Whole days of a town in one process, on a clock of their own."""
