"""What a ledger says of a season, as JSON lines or as a report."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from heatward_collector.core.standard import Standard
from heatward_collector.core.suppression import Finding
from heatward_collector.explain import Names
from heatward_collector.from_files import report
from heatward_collector.from_files.district import read_directory
from heatward_collector.from_files.late_notices import late_notices
from heatward_collector.from_files.lines import finding_line, text_of
from heatward_collector.from_files.outdoors import read_outdoors
from heatward_collector.from_files.pictures import draw_all
from heatward_collector.from_files.season import Season, findings_of
from heatward_collector.from_files.weather_gaps import weather_gaps
from heatward_collector.from_ledger.day_block import Places, times_known
from heatward_collector.from_ledger.season import (
    Blocks,
    OnScheduler,
    follower_of,
    one_by_one,
    season_of_ledger,
)
from heatward_collector.locale import Texts


class JudgedLedger:
    """Findings of suppressed heating on the days of a span, both ends included."""

    def __init__(
        self,
        places: Places,
        standard: Standard,
        span: tuple[date, date],
        outdoor: Path | None = None,
        scheduler: str | None = None,
    ) -> None:
        self._places = places
        self._standard = standard
        self._span = span
        self._zone = ZoneInfo(standard.timezone)
        self._directory = read_directory(places.registry, self._zone)
        self._names = Names(self._directory)
        self._outdoors = None if outdoor is None else read_outdoors(outdoor, self._zone)
        self.blocks_of: Blocks = one_by_one if scheduler is None else OnScheduler(scheduler)
        """How the days are read."""

    @cached_property
    def season(self) -> Season:
        """Homes and weather as the detector sees them."""
        places = self._places
        return season_of_ledger(
            places,
            times_known(places.ledger, follower_of(places.ledger)),
            self._directory,
            self._standard,
            self._span,
            self._outdoors,
            self.blocks_of,
        )

    @cached_property
    def findings(self) -> list[Finding]:
        """What was found, in the order in which it was said."""
        return findings_of(self.season, *self._span, self._zone)

    def json_lines(self) -> Iterator[str]:
        """Yield a line for every finding."""
        for finding in self.findings:
            yield text_of(finding_line(finding, self._names, self._zone))

    def report(self, say: Texts) -> Iterator[str]:
        """Yield the lines of a report for people."""
        yield report.heading(self._standard, *self._span, say)
        yield ""
        yield from report.what_was_found(self.findings, self._names, self._zone, say)

    def warnings(self, say: Texts) -> Iterator[str]:
        """Yield what keeps findings from being said, and the remedy."""
        yield from weather_gaps(self.season.grid, *self._span, self._zone, say)
        yield from late_notices(self.season.declarations, *self._span, self._zone, say)

    def draw(self, folder: Path, say: Texts) -> list[Path]:
        """Write a picture of every finding; return the files."""
        return draw_all(folder, self.findings, self.season, self._names, self._standard, say)
