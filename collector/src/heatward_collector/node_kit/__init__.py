"""Cards for nodes: what lies on the first partition, the label for the box, and a check of both."""

from .bundle import Card, KitSettings, write_bundle
from .inspection import inspect_bundle
from .label import write_labels

__all__ = ["Card", "KitSettings", "inspect_bundle", "write_bundle", "write_labels"]
