"""Grafana dashboards as code: plain dicts of the Classic model, in Chinese and English."""

__version__ = "0.1.0"
