"""Random requests of every role: no answer holds an id, a name or a row of somebody else's places.

HEATWARD_REQUESTS asks for more of them of each role than a test run has time for, HEATWARD_SEED
for others.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from heatward_collector.accounts import Role
from heatward_collector.api.app import create_app
from heatward_collector.config import parse
from heatward_collector.registry import open_registry, spreadsheets
from heatward_collector.registry.tables import IMPORTED
from support.findings_board import PaperFindingRoom, finding, said
from support.foreign_rows import OWN, forbidden, plant
from support.signed_in import sign_in
from support.street import NOW_S

SAMPLE = Path(spreadsheets.__file__).with_name("sample")
REQUESTS = int(os.environ.get("HEATWARD_REQUESTS", "60"))
SEED = int(os.environ.get("HEATWARD_SEED", "2021"))
PUBLIC = ("/board", "/healthz")
"""Pages of estates and buildings that everybody may read; of no home and nobody's words."""
PLACES = ("building", "home", "room", "node", "estate", "street", "source", "supplier", "zone")
COLUMNS = sorted({column.name for table in IMPORTED for column in table.columns})
WORDS = (
    *("f-own", "f-other", "1", "7", "30", "-1", "nothing", "%00", "..%2f..", "b001%27--", ""),
    *("2021-12-01", "2021-12-03T08:30", "2021-12", "20.5", "zh", "en", "xlsx", "pdf", "bedroom"),
    *("cp0", "cp9", "rn0", "rn39", "sc-h0001-r1", "sc-h0040-r1", "p-officer-1", "p-officer-2"),
)


@dataclass(frozen=True)
class Asked:
    """One route, and the names of what it reads."""

    method: str
    path: str
    queries: tuple[str, ...]
    fields: tuple[str, ...]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    config = parse(
        f'[state]\ndirectory = "{tmp_path_factory.mktemp("canaries")}"\n[web]\nhost = "0.0.0.0"'
    )
    registry = open_registry(config)
    spreadsheets.import_folder(registry, SAMPLE)
    plant(registry, NOW_S)
    findings = PaperFindingRoom(
        (said("f-own", finding("b001", homes=6)), said("f-other", finding("b009", homes=6)))
    )
    return create_app(config, now=lambda: float(NOW_S), findings=findings)


def names_of(dependant: Dependant, kind: str) -> Iterator[str]:
    yield from (field.alias for field in getattr(dependant, kind))
    for deeper in dependant.dependencies:
        yield from names_of(deeper, kind)


def unasked(text: str, canaries: re.Pattern[str], sent: Iterable[str]) -> str:
    """Return an answer without the ids that the request itself named: forms repeat what was typed.

    What such an id leads to has marks of its own.
    """
    text = unquote(unquote(text))
    for word in sent:
        if canaries.search(word):
            text = re.sub(rf"(?<![\w-]){re.escape(word)}(?!\w|-r\d)", "", text)
    return text


def routes_of(app: FastAPI) -> list[Asked]:
    return [
        Asked(
            method,
            str(route.path),
            (*names_of(route.dependant, "query_params"), "lang"),
            tuple(names_of(route.dependant, "body_params")),
        )
        for route in iter_route_contexts(app.routes)
        if not isinstance(route.original_route, Mount)
        for method in sorted(route.methods or ())
    ]


class Asking(httpx.AsyncClient):
    """Somebody who asks an application within one event loop, without a thread for each answer."""

    def __init__(self, app: FastAPI) -> None:
        transport = httpx.ASGITransport(app=app, client=("203.0.113.7", 1))
        super().__init__(transport=transport, base_url="https://heat.example")
        self.app = app


@pytest.mark.parametrize("role", list(OWN))
def test_no_answer_tells_of_anybody_else(app: FastAPI, role: Role) -> None:
    asyncio.run(ask_at_random(app, role))


async def ask_at_random(app: FastAPI, role: Role) -> None:
    """Ask for every route with every id, with questions and forms, as a role."""
    client = Asking(app)
    chance, directory = random.Random(f"{SEED} {role}"), app.state.door.directory()
    canaries = forbidden(directory, role)
    public = forbidden(directory, role, is_public=True)
    ids = [*WORDS, *(key for name in PLACES for key in directory.tables[name])]
    routes, answers = routes_of(app), Counter[int]()
    token = ""
    for number in range(REQUESTS):
        if number % 50 == 0 and role is not Role.ANYBODY:  # it may have signed itself out
            token = sign_in(client, role, OWN[role][0]).csrf
        route = chance.choice(routes)
        path = re.sub(r"\{[^}]+\}", lambda _: chance.choice(ids), route.path)
        asked = {name: chance.choice(ids) for name in route.queries if chance.random() < 0.5}
        form = None
        if route.method == "POST" and chance.random() < 0.8:
            more = chance.sample(COLUMNS, 6) if not route.fields else ()
            form = {name: chance.choice(ids) for name in (*route.fields, *more)}
            form["csrf"] = token
        answer = await client.request(route.method, path, params=asked, data=form)
        assert answer.status_code < 500 or path == "/healthz", (route, path, asked, form)
        answers[answer.status_code] += 1
        words = public if path.startswith(PUBLIC) else canaries
        said = " ".join((path, *asked.values(), *(form or {}).values()))
        sent = set(re.findall(r"[\w-]+", unquote(said)))
        found = words.search(unasked(answer.text, words, sent))
        assert found is None, (role, route.method, path, asked, form, found and found[0])
    # Strangers get but a handful of pages, which chance may not hit.
    assert answers[200] > 0 or role is Role.ANYBODY
    print(
        f"{role.value}: {REQUESTS} requests, seed {SEED}, answers {dict(sorted(answers.items()))}"
    )
