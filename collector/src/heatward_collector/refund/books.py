"""What a season's accounts are made from, read at one moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from heatward_collector.conclusions.findings import FindingStore, SaidFinding
from heatward_collector.conclusions.verdicts import VerdictStore
from heatward_collector.config import Config
from heatward_collector.core.standard import Standard
from heatward_collector.registry import Directory, open_registry
from heatward_collector.rules import load_standard

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Books:
    """Registry, verdicts, findings and rules; whoever opens them closes them."""

    standard: Standard
    directory: Directory
    tables: Mapping[str, Sequence[Row]]
    """Every table of the registry by its name."""
    verdicts: VerdictStore
    findings: FindingStore

    @property
    def zone(self) -> ZoneInfo:
        """The city's time zone."""
        return ZoneInfo(self.standard.timezone)

    def said(self) -> list[SaidFinding]:
        """Return the newest revisions of all findings that are still said."""
        return [one for one in self.findings.latest() if not one.is_withdrawn]

    def close(self) -> None:
        """Close what was opened."""
        self.verdicts.close()
        self.findings.close()


def open_books(config: Config) -> Books:
    """Open what a configuration names."""
    registry = open_registry(config)
    version, tables = registry.content()
    registry.close()
    return Books(
        load_standard(config.rules.city, config.rules.file),
        Directory(version, tables),
        tables,
        VerdictStore(config.state.verdicts),
        FindingStore(config.state.findings),
    )
