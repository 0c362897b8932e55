"""Curves and codes as SVG, drawn on the server."""
