"""What the dashboards' own queries say when nothing is heard, and of what began long ago."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from heatward_dashboards.build import all_dashboards
from heatward_dashboards.language import language
from heatward_dashboards.panels import NOW
from support.displayed_street import HOUR, NOON, YESTERDAY, DisplayedStreet
from support.findings_board import finding
from support.influxdb import InfluxServer
from support.measured_street import HOMES
from support.panel_queries import DAY_S, filled_in, queries

LARGE, SMALL = (tuple(f"{name}-{one}" for one in range(homes)) for name, homes in HOMES.items())
OUTAGE = finding(
    "b-large",
    start_s=int(NOON) - 9 * DAY_S,
    detected_s=int(NOON) - 9 * DAY_S + HOUR,
    affected=LARGE,
)
HERE = {"building": "b-large"}
MADE = all_dashboards(language("zh"))


@pytest.fixture
def street(tmp_path: Path, influxdb_18: InfluxServer) -> Iterator[DisplayedStreet]:
    influxdb_18.start()
    made = DisplayedStreet(tmp_path, influxdb_18)
    yield made
    made.store.select(f'DROP DATABASE "{made.database}"')
    made.display.close()


def panels_about_now(made: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield title and query of every panel that looks back two hours, names of places aside."""
    for panel in made["panels"]:
        if panel.get("timeFrom") == NOW:
            for target in panel["targets"]:
                if 'FROM "place"' not in target["query"]:
                    yield panel["title"], target["query"]


def rows_of(street: DisplayedStreet, query: str, span_s: int) -> list[dict[str, Any]]:
    return street.rows(filled_in(query, int(street.now_s), span_s, HERE))


@pytest.mark.parametrize("name", ["street", "building", "supplier", "nodes"])
def test_three_hours_after_the_collector_stopped_no_panel_about_now_says_anything(
    street: DisplayedStreet, name: str
) -> None:
    street.warm()
    street.judge_homes(YESTERDAY, dict.fromkeys(LARGE + SMALL, "met"))
    street.display.look()
    asked = list(panels_about_now(MADE[name]))
    assert len(asked) >= 3
    for title, query in asked:
        assert rows_of(street, query, 2 * HOUR), title
    street.now_s += 3 * HOUR
    for title, query in asked:
        assert rows_of(street, query, 2 * HOUR) == [], title


def test_a_finding_of_nine_days_ago_that_goes_on_shows_in_the_last_seven_days(
    street: DisplayedStreet,
) -> None:
    about = [
        (what, query)
        for name in ("street", "building", "supplier")
        for what, query, _ in queries(MADE[name])
        if 'FROM "finding"' in query
    ]
    assert len(about) == 4  # three lists, and the shaded regions of the curve
    street.find(OUTAGE)
    street.display.look()
    for what, query in about:
        (row,) = rows_of(street, query, 7 * DAY_S)
        assert row["time"] == OUTAGE.start_s, what
    street.find(replace(OUTAGE, end_s=int(NOON) - 8 * DAY_S))
    street.display.look()
    for what, query in about:
        assert rows_of(street, query, 7 * DAY_S) == [], what


def test_a_withdrawn_finding_shows_nowhere(street: DisplayedStreet) -> None:
    about = [query for _, query, _ in queries(MADE["building"]) if 'FROM "finding"' in query]
    street.find(replace(OUTAGE, start_s=int(NOON) - 2 * DAY_S))
    street.display.look()
    assert all(rows_of(street, query, 7 * DAY_S) for query in about)
    street.find()
    street.display.look()
    assert not any(rows_of(street, query, 7 * DAY_S) for query in about)
