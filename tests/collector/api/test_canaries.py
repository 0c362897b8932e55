"""Random requests of every role: no answer holds an id or a name of somebody else's places.

HEATWARD_REQUESTS asks for more of them than a test run has time for.
"""

from __future__ import annotations

import os
import random
import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from heatward_collector.accounts import Role
from heatward_collector.api.access import ruled
from heatward_collector.api.app import create_app
from heatward_collector.config import parse
from heatward_collector.registry import open_registry, spreadsheets
from support.findings_board import PaperFindingRoom, finding, said
from support.signed_in import sign_in
from support.street import NOW_S

SAMPLE = Path(spreadsheets.__file__).with_name("sample")
REQUESTS = int(os.environ.get("HEATWARD_REQUESTS", "60"))
SEED = 2021
OWN = {
    Role.STREET: ("st-songhua", {"b001", "b002", "b003"}),
    Role.DISTRICT: ("sample", {f"b{n:03d}" for n in range(1, 11)}),
    Role.SUPPLIER: ("su-beichen", {"b009", "b010"}),
    Role.VOLUNTEER: ("es-jiangpan", {"b001", "b002", "b003"}),
    Role.RESIDENT: ("h0001", set()),
    Role.CITY: ("", {f"b{n:03d}" for n in range(1, 11)}),
    Role.ANYBODY: ("", set()),
}
"""A scope of every role, and the buildings that lie within it, as the sample's files say."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    config = parse(
        f'[state]\ndirectory = "{tmp_path_factory.mktemp("canaries")}"\n[web]\nhost = "0.0.0.0"'
    )
    spreadsheets.import_folder(open_registry(config), SAMPLE)
    findings = PaperFindingRoom(
        (said("f-own", finding("b001", homes=6)), said("f-other", finding("b009", homes=6)))
    )
    return create_app(config, now=lambda: float(NOW_S), findings=findings)


def forbidden(app: FastAPI, role: Role) -> re.Pattern[str]:
    """Return what no answer to a role may hold: ids of homes, rooms, nodes, foreign buildings."""
    tables = app.state.door.directory().tables
    scope, buildings = OWN[role]
    homes = {
        key: str(tables["stairwell"][row["stairwell"]]["building"])
        for key, row in tables["home"].items()
    }
    known = {key for key, building in homes.items() if building in buildings}
    known = {scope} if role is Role.RESIDENT else known if role is Role.VOLUNTEER else set()
    words = {key for key in tables["building"] if key not in buildings}
    words |= {key for key in homes if key not in known}
    words |= {key for key, row in tables["room"].items() if row["home"] not in known}
    nodes: dict[str, set[str]] = {}
    for row in app.state.door.directory().assignments():
        home = tables["room"].get(row["target"], {"home": ""})["home"]
        nodes.setdefault(row["node"], set()).add(home)
    words |= {node for node, of in nodes.items() if not of & known}
    return re.compile(
        r"(?<![\w-])(?:" + "|".join(sorted(words, key=len, reverse=True)) + r")(?!\w)"
    )


@pytest.mark.parametrize("role", list(OWN))
def test_no_answer_tells_of_anybody_else(app: FastAPI, role: Role) -> None:
    client = TestClient(
        app, base_url="https://heat.example", client=("203.0.113.7", 1), follow_redirects=False
    )
    with client:  # one event loop for all requests, instead of one for each
        ask_at_random(app, client, role)


def ask_at_random(app: FastAPI, client: TestClient, role: Role) -> None:
    """Ask for every route with every id, as a role."""
    if role is not Role.ANYBODY:
        sign_in(client, role, OWN[role][0])
    chance, canaries = random.Random(SEED), forbidden(app, role)
    tables = app.state.door.directory().tables
    ids = [key for name in ("building", "home", "room", "node", "estate") for key in tables[name]]
    ids += ["f-own", "f-other", "1", "nothing", "%00", "..%2f..", "b001%27--"]
    routes = [
        (method, route.path)
        for route in ruled(app.routes)
        for method in sorted(route.methods)
        if not route.path.startswith(("/board", "/healthz"))
    ]
    answered = 0
    for _ in range(REQUESTS):
        method, template = chance.choice(routes)
        path = re.sub(r"\{[^}]+\}", lambda _: chance.choice(ids), template)
        answer = client.request(method, path)
        assert answer.status_code < 500, (method, path)
        answered += answer.status_code == 200
        # An address that was asked for may be repeated, by the switch of languages.
        text = answer.text.replace(path.split("?")[0], "")
        found = canaries.search(text)
        assert found is None, (role, method, path, found and found[0])
    # Strangers get but a handful of pages, which chance may not hit.
    assert answered > 0 or role is Role.ANYBODY
