"""Suppressed heating: what is found, its words, its curves, its pages."""
