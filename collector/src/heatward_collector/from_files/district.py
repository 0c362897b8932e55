"""A registry from a folder of CSV files, without a database."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from heatward_collector.problems import Problems
from heatward_collector.registry import Directory, consistency, tables
from heatward_collector.registry.spreadsheets import read_folder


def read_directory(folder: Path, zone: ZoneInfo) -> Directory:
    """Return the registry of a folder in the import format. Raises ImportRefused.

    It is checked as an import is, and the same folder imported gives the same directory.
    """
    content = read_folder(folder, zone)
    rows = {
        table.name: sorted(content.get(table.name, ()), key=lambda row: tables.key(table, row))
        for table in tables.IMPORTED
    }
    problems = Problems()
    for table, faulty, reason in consistency.faults(rows):
        if problems.full:
            break
        problems.append(f"{content.place_of(table, faulty)}: {reason}")
    problems.refuse()
    return Directory(0, rows)
