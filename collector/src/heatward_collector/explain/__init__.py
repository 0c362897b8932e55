"""Findings in plain words and pictures, for people who were not there.

Every sentence says what happened, where, when, how strongly, how many homes of how many, what else
was considered, and which rule fired. One that accuses nobody is worded so that nobody is accused.
"""

from __future__ import annotations

from heatward_collector.explain.names import Names
from heatward_collector.explain.sentence import Explanation, explain

__all__ = ["Explanation", "Names", "explain"]
