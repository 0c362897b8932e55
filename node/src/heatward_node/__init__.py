"""The node: sensors to journal to MQTT. See ARCHITECTURE.md for the map."""

__version__ = "0.1.0"
