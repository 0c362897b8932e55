"""A measured street whose display writes into a real InfluxDB of the test's own."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from heatward_collector.conclusions.findings import FindingStore
from heatward_collector.core.suppression import Finding
from heatward_collector.display.process import Display, open_store
from support.influxdb import InfluxServer
from support.measured_street import MeasuredStreet, rooms

NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC).timestamp()
"""12:00 in Harbin."""
TODAY = date(2026, 11, 25)
YESTERDAY = TODAY - timedelta(days=1)
HOUR = 3600


class DisplayedStreet(MeasuredStreet):
    """Two buildings of six and of two homes; ``now_s`` is moved by the test."""

    def __init__(self, folder: Path, server: InfluxServer) -> None:
        self.database = f"t{secrets.token_hex(6)}"
        text = f'[display]\nurl = "{server.url}"\ndatabase = "{self.database}"\n'
        super().__init__(folder, NOON, text)
        self.findings = FindingStore(self.config.state.findings)
        self.store = open_store(self.config)
        self.store.create_database()
        self.display = Display(self.config, self.store, lambda: self.now_s)

    def restart(self) -> None:
        """Begin again as a new process would."""
        self.display = Display(self.config, self.store, lambda: self.now_s)

    def warm(self, hours: float = 24, celsius: float = 21.0, spread: float = 0.25) -> None:
        """Let every bedroom measure each quarter of an hour, a little warmer from home to home."""
        bedrooms = [room for room, _, _, use in rooms() if use == "bedroom"]
        warmth = {room: celsius + spread * index for index, room in enumerate(bedrooms)}
        times = np.arange(self.now_s - hours * HOUR, self.now_s + 1, 900)
        self.measure({**warmth, "o": -15.0}, times)

    def judge_homes(self, day: date, verdicts: dict[str, str], provisional: bool = False) -> None:
        """Record verdicts on homes, their bedrooms, and their buildings."""
        for home, verdict in verdicts.items():
            self.judge("home", home, day, verdict, provisional, median=19.5, coverage=1.0)
            self.judge(
                "room", f"{home}-bedroom", day, verdict, provisional, degree_hours=6.0, coverage=1.0
            )
        for building in sorted({home.rpartition("-")[0] for home in verdicts}):
            words = [word for home, word in verdicts.items() if home.startswith(building)]
            below, judged = words.count("below"), len(words) - words.count("not_judgeable")
            self.judge(
                "building",
                building,
                day,
                "below" if below > 2 else "met",
                provisional,
                homes=len(words),
                homes_judged=judged,
                homes_below=below,
                homes_met=words.count("met"),
                median=19.5,
                coverage=1.0,
            )

    def find(self, *findings: Finding) -> None:
        """Let these be all the findings there are."""
        self.findings.record(findings, (0, 2**40), int(self.now_s), 1)

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Return the rows of a query, tags among the columns."""
        return [
            {**series.get("tags", {}), **dict(zip(series["columns"], values, strict=True))}
            for series in self.store.select(query)
            for values in series["values"]
        ]

    def column(self, query: str, name: str) -> Sequence[Any]:
        """Return one column of the rows of a query."""
        return [row[name] for row in self.rows(query)]
