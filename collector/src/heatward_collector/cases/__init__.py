"""Cases on disk: opened and closed by what is measured, answered by people.

They lie in the database of the registry, SQLite or PostgreSQL. A change of a case and the messages
that it makes due are one transaction: nothing is decided that nobody is told of.
"""

from __future__ import annotations

from heatward_collector.cases.store import CaseChange, CaseStore, Figures

__all__ = ["CaseChange", "CaseStore", "Figures"]
