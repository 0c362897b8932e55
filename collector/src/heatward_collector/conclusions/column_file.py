"""Files of arrays, for conclusions; how they are written is the registry's, which has them too."""

from __future__ import annotations

from heatward_collector.registry.column_file import read_columns, write_columns

__all__ = ["read_columns", "write_columns"]
