"""Every page that a dashboard leads to is there, with the range of time that was looked at."""

from __future__ import annotations

import json
import re
from pathlib import Path

from fastapi.testclient import TestClient

from heatward_collector.accounts import Role
from heatward_collector.api.app import create_app
from heatward_collector.config import parse
from heatward_dashboards.build import all_dashboards
from heatward_dashboards.language import LANGUAGES, language
from support.findings_board import PaperFindingRoom, every_state
from support.signed_in import sign_in
from support.street import NOW_S, PaperReadingRoom, every_standing

FILLED = {"${building}": "b-02", "${__data.fields.finding}": "acute-building-b-02-1"}
RANGE = {"from": "now-7d", "to": "now"}


def pages() -> set[str]:
    """Return the addresses on our pages that stand in the dashboards, places filled in."""
    text = json.dumps([all_dashboards(language(code)) for code in LANGUAGES])
    found = set(re.findall(r'\$\{pages:raw\}([^"]+)"', text))
    for variable, value in FILLED.items():
        found = {address.replace(variable, value) for address in found}
    return found


def test_every_page_that_is_led_to_answers(tmp_path: Path) -> None:
    config = parse(f'[state]\ndirectory = "{tmp_path}"\n[web]\nhost = "0.0.0.0"')
    room = PaperReadingRoom(every_standing())
    application = create_app(config, room, lambda: float(NOW_S), PaperFindingRoom(every_state()))
    client = TestClient(application)
    sign_in(client, Role.CITY)
    known = {address.partition("?")[0] for address in pages()}
    assert known == {
        "/today",
        "/status",
        "/assessment",
        "/building/b-02",
        "/finding/acute-building-b-02-1",
    }
    for address in sorted(pages()):
        path, _, query = address.partition("?")
        answer = client.get(path, params={**dict([query.split("=")] if query else []), **RANGE})
        assert answer.status_code == 200, address
        assert f'lang="{"en" if "lang=en" in address else "zh-CN"}"' in answer.text, address


def test_every_dashboard_leads_to_a_page_with_its_range() -> None:
    for code in LANGUAGES:
        for name, made in all_dashboards(language(code)).items():
            leading = [one for one in made["links"] if "${pages:raw}" in one["url"]]
            assert leading, name
            assert all(one["keepTime"] for one in leading), name
