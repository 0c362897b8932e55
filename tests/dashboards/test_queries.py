"""Every query of every dashboard, on a real InfluxDB that a demo filled, gives rows."""

from __future__ import annotations

import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from heatward_collector.conclusions.findings import FindingStore
from heatward_collector.config import Config, parse
from heatward_collector.core.suppression import Certainty, Finding, Kind, Level
from heatward_collector.display.process import Display, open_store
from heatward_collector.errors import StoreMisconfigured
from heatward_collector.timeseries import InfluxStore
from heatward_dashboards.build import all_dashboards
from heatward_dashboards.language import LANGUAGES, language
from support.influxdb import VERSIONS, InfluxServer, running_influxdb
from support.panel_queries import filled_in, queries

BUILDINGS = ("b009", "b006")
"""One with six homes, and one with two, whose curve rests on more than ten."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state folder of a demo of one day, with a finding that lasts."""
    folder = tmp_path_factory.mktemp("demo")
    command = ["demo", "--days", "1", "--exit", "--state", str(folder)]
    subprocess.run([sys.executable, "-m", "heatward_collector", *command], check=True)
    now = int(time.time())
    lasting = Finding(
        kind=Kind.OUTAGE,
        level=Level.BUILDING,
        place="b009",
        start_s=now - 9 * 86_400,
        end_s=None,
        detected_s=now - 9 * 86_400 + 3600,
        certainty=Certainty.MEDIUM,
        buildings=("b009",),
        affected=("h0035", "h0036", "h0037", "h0038", "h0039"),
        homes_judged=6,
        homes_silent=0,
        rule="homes_fall_together",
    )
    store = FindingStore(folder / "collector" / "findings.sqlite")
    store.record([lasting, replace(lasting, place="b006")], (0, 2**40), now, 1)
    store.close()
    return folder / "collector"


def config_of(demo: Path, server: InfluxServer, database: str) -> Config:
    return parse(
        f'[state]\ndirectory = "{demo}"\n[rules]\ncity = "demo"\n'
        f'[display]\nurl = "{server.url}"\ndatabase = "{database}"\n'
    )


def fill(config: Config) -> InfluxStore:
    """Let the display look twice, an hour ago and now; return the store."""
    store = open_store(config)
    store.create_database()
    for ago_s in (3600, 0):
        display = Display(config, store, lambda ago=ago_s: time.time() - ago)
        display.look()
    return store


@pytest.fixture(params=VERSIONS, scope="module")
def filled(request: pytest.FixtureRequest, demo: Path) -> Iterator[InfluxStore]:
    name = "influxdb_16" if request.param == VERSIONS[0] else "influxdb_18"
    server: InfluxServer = request.getfixturevalue(name)
    server.start()
    store = fill(config_of(demo, server, f"t{secrets.token_hex(6)}"))
    yield store
    store.close()


@pytest.mark.influxdb
@pytest.mark.parametrize("code", LANGUAGES)
def test_every_panel_and_every_picker_gets_rows(filled: InfluxStore, code: str) -> None:
    now = int(time.time())
    for name, made in all_dashboards(language(code)).items():
        for what, query, span in queries(made):
            found = [
                filled.select(filled_in(query, now, span, {"building": building}))
                for building in (BUILDINGS if name == "building" else (".*",))
            ]
            assert any(found), f"{name}, {what}: {query}"


@pytest.mark.influxdb
def test_names_come_in_the_language_of_the_dashboard(filled: InfluxStore) -> None:
    names = {}
    for code in LANGUAGES:
        made = all_dashboards(language(code))["street"]
        (query,) = [v["query"] for v in made["templating"]["list"] if v["name"] == "district"]
        ((row,),) = [series["values"] for series in filled.select(query)]
        names[code] = row[1]
    assert names == {"zh": "sample|示例区", "en": "sample|Sample District"}


def test_grafanas_user_may_read_this_database_and_nothing_else(tmp_path: Path) -> None:
    """What a viewer can send through Grafana's proxy is what this user may do."""
    with running_influxdb(VERSIONS[1], authentication=True) as server:
        first = InfluxStore(server.url, "heatward")
        first.select("CREATE USER a WITH PASSWORD 'a' WITH ALL PRIVILEGES")
        admin = InfluxStore(server.url, "heatward", username="a", password="a")
        for query in (
            'CREATE DATABASE "heatward"',
            'CREATE DATABASE "heatward_display"',
            "CREATE USER grafana WITH PASSWORD 'g'",
            'GRANT READ ON "heatward_display" TO "grafana"',
        ):
            admin.select(query)
        admin.write_lines(["room_temperature,home=h1 celsius=20 1700000000"])
        display = InfluxStore(server.url, "heatward_display", username="a", password="a")
        display.write_lines(["building_state,building=b1 state=6 1700000000"])
        viewer = InfluxStore(server.url, "heatward_display", username="grafana", password="g")
        assert viewer.select('SELECT "state" FROM "building_state"')
        for query in (
            'DROP MEASUREMENT "building_state"',
            'DELETE FROM "building_state"',
            'SELECT "celsius" FROM "heatward".."room_temperature"',
            'SELECT * INTO "copy" FROM "building_state"',
            "CREATE USER b WITH PASSWORD 'b' WITH ALL PRIVILEGES",
        ):
            with pytest.raises(StoreMisconfigured):
                viewer.select(query)
        with pytest.raises(StoreMisconfigured, match="403"):
            viewer.write_lines(["building_state,building=b1 state=0 1700000060"])
        assert display.select('SELECT "state" FROM "building_state"')[0]["values"] == [
            [1_700_000_000, 6]
        ]
        for store in (first, admin, display, viewer):
            store.close()
