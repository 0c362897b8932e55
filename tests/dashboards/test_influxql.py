"""Every query keeps to the InfluxQL that InfluxDB 1.x, 2.x and 3.x all document."""

from __future__ import annotations

from typing import Any

import pytest

from heatward_dashboards.build import all_dashboards
from heatward_dashboards.language import LANGUAGES, language
from support.influxql import NotShared, check
from support.panel_queries import filled_in, queries

EVERY = [
    pytest.param(made, id=f"{code}-{name}")
    for code in LANGUAGES
    for name, made in all_dashboards(language(code)).items()
]


@pytest.mark.parametrize("made", EVERY)
def test_every_query_is_read_by_every_version(made: dict[str, Any]) -> None:
    seen = 0
    for what, query, span in queries(made):
        try:
            check(filled_in(query, 1_795_600_000, span, {"building": "b009"}))
        except NotShared as refusal:
            pytest.fail(f"{what}: {refusal}")
        seen += 1
    assert seen >= 8


@pytest.mark.parametrize(
    "query",
    [
        'SELECT "state" FROM "building_state" SLIMIT 1',
        'SELECT "state" FROM "building_state" GROUP BY "building" LIMIT 1 SOFFSET 2',
        'SELECT sample("state", 3) FROM "building_state"',
        'SELECT holt_winters(mean("median"), 3, 24) FROM "building_hour" GROUP BY time(1h)',
        'SELECT * INTO "copy" FROM "building_state"',
        'SELECT "state" FROM "building_state" WHERE time > 1s OR time < 9s',
        'SELECT "state" FROM "building_state" ORDER BY "state"',
        'SELECT "state" FROM /building.*/',
        'SELECT "state" FROM "heatward".."room_temperature"',
        'SELECT "state" FROM "building_state"; DROP MEASUREMENT "building_state"',
        'DROP MEASUREMENT "building_state"',
        "SHOW SERIES",
        'SELECT "state" FROM "building_state" WHERE "building" =~ b1',
        'SELECT "state" FROM "building_state" GROUP BY time(1h) fill(none) tz(Asia)',
    ],
)
def test_what_a_newer_version_lacks_is_refused(query: str) -> None:
    with pytest.raises(NotShared):
        check(query)
