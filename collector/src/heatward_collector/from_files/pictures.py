"""A file with a picture for every finding."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from heatward_collector.core.standard import Standard
from heatward_collector.core.suppression import Finding
from heatward_collector.explain import Names
from heatward_collector.explain.curves import curves_of
from heatward_collector.explain.plot import Plot, draw
from heatward_collector.explain.sentence import sentence, title, when
from heatward_collector.from_files.season import Season
from heatward_collector.local_days import day_of
from heatward_collector.locale import Texts


def draw_all(
    folder: Path,
    findings: Sequence[Finding],
    season: Season,
    names: Names,
    standard: Standard,
    say: Texts,
) -> list[Path]:
    """Write ``finding-001.svg`` and so on, in the order of the findings; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    zone = ZoneInfo(standard.timezone)
    files = []
    for number, finding in enumerate(findings, 1):
        grid = season.grid
        plot = Plot(
            finding,
            curves_of(finding, season.network, grid.homes, grid.outdoor, grid.start_s, grid.slot_s),
            title(finding, names, say),
            when(finding, zone, say),
            sentence(finding, names, zone, say),
            _minimum(standard, day_of(finding.start_s, zone)),
            zone,
        )
        path = folder / f"finding-{number:03}.svg"
        path.write_text(draw(plot, say), "utf-8")
        files.append(path)
    return files


def _minimum(standard: Standard, day: date) -> float | None:
    rule = standard.rule_on(day)
    return None if rule is None else rule.minimum_celsius
