"""Signing in and out, the people who may, and the log of what they did."""
