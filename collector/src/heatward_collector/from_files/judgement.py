"""Files in, everything that is said out: as JSON lines, as a report, as pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

from heatward_collector.core.placement import Doubt
from heatward_collector.core.standard import Standard
from heatward_collector.core.suppression import Finding
from heatward_collector.errors import ImportRefused
from heatward_collector.explain import Names
from heatward_collector.from_files import report
from heatward_collector.from_files.district import read_directory
from heatward_collector.from_files.late_notices import late_notices
from heatward_collector.from_files.lines import (
    Counted,
    doubt_line,
    finding_line,
    summary_line,
    text_of,
    verdict_line,
)
from heatward_collector.from_files.outdoors import Outdoors, read_outdoors
from heatward_collector.from_files.pictures import draw_all
from heatward_collector.from_files.placement import doubts_of
from heatward_collector.from_files.reading_file import ReadingFile, Tally
from heatward_collector.from_files.recording import Recording, gather
from heatward_collector.from_files.season import (
    Detect,
    Season,
    findings_of,
    judged,
    season_of,
    verdicts_of,
)
from heatward_collector.from_files.unit_doubts import unit_doubts
from heatward_collector.from_files.weather_gaps import weather_gaps
from heatward_collector.locale import Texts
from heatward_collector.problems import Problems


@dataclass(frozen=True, slots=True)
class Files:
    """What is read. Without an outdoor file the registry's own outdoor sensors serve, if any."""

    readings: Path
    registry: Path
    outdoor: Path | None = None
    stream: BinaryIO | None = None
    """Read instead of the file ``readings``, which then is only its name."""


def read_files(
    files: Files,
    standard: Standard,
    first: date | None = None,
    last: date | None = None,
    detect: Detect = judged,
) -> Judgement:
    """Read everything. Raises ImportRefused with the faults of the first file that is faulty."""
    zone = ZoneInfo(standard.timezone)
    directory = read_directory(files.registry, zone)
    given = None if files.outdoor is None else read_outdoors(files.outdoor, zone)
    file = ReadingFile(files.readings, zone, files.stream)
    try:
        recording = gather(file, directory, zone, first, last)
    except ImportRefused as error:
        # Where no line can be read, their own reasons say what to do.
        reasons = Problems(file.tally.named).lines()
        raise ImportRefused([*reasons, *file.left_out(), *error.problems]) from error
    outdoors = recording.outdoors(zone) if given is None else given
    source = "none" if not len(outdoors.time_s) else "sensors" if given is None else "file"
    span = first or recording.first, last or recording.last
    return Judgement(standard, recording, outdoors, source, file.tally, span, detect)


class Judgement:
    """What recorded readings say."""

    def __init__(
        self,
        standard: Standard,
        recording: Recording,
        outdoors: Outdoors,
        outdoor_source: str,
        tally: Tally,
        span: tuple[date, date],
        detect: Detect,
    ) -> None:
        self._standard = standard
        self._zone = ZoneInfo(standard.timezone)
        self._recording = recording
        self._outdoors = outdoors
        self._outdoor_source = outdoor_source
        self._tally = tally
        self._span = span
        self._detect = detect
        self._names = Names(recording.directory)

    @cached_property
    def season(self) -> Season:
        """Homes and weather as the detector sees them."""
        return season_of(self._recording, self._outdoors, self._standard)

    @cached_property
    def findings(self) -> list[Finding]:
        """What was found, in the order in which it was said."""
        return findings_of(self.season, *self._span, self._zone, self._detect)

    @cached_property
    def doubts(self) -> list[Doubt]:
        """Sensors that may hang badly, in order of time."""
        return doubts_of(self._recording, self._outdoors, self._standard, *self._span)

    def json_lines(self) -> Iterator[str]:
        """Yield a line for every finding, doubt and verdict, and a last one that sums up."""
        counted = Counted()
        for finding in self.findings:
            counted.finding(finding)
            yield text_of(finding_line(finding, self._names, self._zone))
        for doubt in self.doubts:
            counted.doubt(doubt)
            point = self._recording.directory.points[doubt.room]
            yield text_of(doubt_line(doubt, point, self._zone))
        for verdict in verdicts_of(self._recording, self._outdoors, self._standard, *self._span):
            counted.verdict(verdict)
            yield text_of(verdict_line(verdict))
        yield text_of(
            summary_line(
                self._span,
                self._tally,
                self._recording.fates,
                self._outdoors,
                self._outdoor_source,
                counted,
            )
        )

    def report(self, say: Texts) -> Iterator[str]:
        """Yield the lines of a report for people."""
        yield report.heading(self._standard, *self._span, say)
        yield ""
        yield from report.what_was_read(
            self._tally, self._recording.fates, self._outdoors, self._outdoor_source, say
        )
        yield ""
        yield from report.what_was_found(self.findings, self._names, self._zone, say)
        yield ""
        yield from report.what_was_doubted(
            self.doubts, self._recording.directory.points, self._zone, say
        )
        yield ""
        verdicts = verdicts_of(self._recording, self._outdoors, self._standard, *self._span)
        yield from report.what_was_judged(list(verdicts), self._names, say)

    def warnings(self, say: Texts) -> Iterator[str]:
        """Yield what keeps findings from being said, and the remedy."""
        yield from unit_doubts(self._recording.grid, say)
        yield from weather_gaps(self.season.grid, *self._span, self._zone, say)
        yield from late_notices(self.season.declarations, *self._span, self._zone, say)

    def draw(self, folder: Path, say: Texts) -> list[Path]:
        """Write a picture of every finding; return the files."""
        return draw_all(folder, self.findings, self.season, self._names, self._standard, say)
