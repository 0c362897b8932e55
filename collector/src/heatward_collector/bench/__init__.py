"""Measurements of the real line on this machine: what it carries, and what survives a kill."""
