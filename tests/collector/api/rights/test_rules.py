"""Role x route x object, generated from the routes: a route without a rule fails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient

from heatward_collector.accounts import SCOPES, Role
from heatward_collector.api.app import create_app
from heatward_collector.api.people.deed_words import ACTIONS
from heatward_collector.api.rights.access import SAFE_METHODS, Rule, Ruled, insist_on_rules, ruled
from heatward_collector.config import parse
from heatward_collector.registry import open_registry, spreadsheets
from support.findings_board import PaperFindingRoom
from support.signed_in import sign_in
from support.street import NOW_S

SAMPLE = Path(spreadsheets.__file__).with_name("sample")
OWN_SCOPE = {
    Role.DISTRICT: "sample",
    Role.STREET: "st-songhua",
    Role.VOLUNTEER: "es-jiangpan",
    Role.SUPPLIER: "su-qingsong",
    Role.RESIDENT: "h0001",
}
OBJECTS = {
    "building": ("b001", "b009"),
    "estate": ("es-jiangpan", "es-dingxiang"),
    "home": ("h0001", "h0040"),
    "room": ("h0001-r1", "h0040-r1"),
    "node": ("n0001", "n0040"),
    "street": ("st-songhua", "st-dingxiang"),
    "source": ("so-qingsong", "so-beichen"),
    "supplier": ("su-qingsong", "su-beichen"),
}
"""One within every limited scope, and one within none of them but the district's."""
OPEN_TO_STRANGERS = {
    "/login",
    "/healthz",
    "/invitation/{secret}",
    "/r/{link}",
    "/board",
    "/board/{estate_id}",
}
"""Every address that somebody without an account gets an answer from: signing in, whether the
collector lives, and the public board of an estate, which the notice asks for."""
HOMES_FOR = {Role.OPERATOR, Role.DEMO, Role.RESIDENT, Role.VOLUNTEER}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    folder = tmp_path_factory.mktemp("rules")
    config = parse(f'[state]\ndirectory = "{folder}"\n[web]\nhost = "0.0.0.0"')
    spreadsheets.import_folder(open_registry(config), SAMPLE)
    return create_app(config, now=lambda: float(NOW_S), findings=PaperFindingRoom())


def routes(app: FastAPI) -> Iterator[tuple[str, Ruled, Rule]]:
    found = list(ruled(app.routes))
    assert len(found) > 15
    for route in found:
        assert route.rule is not None, route.path
        for method in sorted(route.methods):
            yield method, route, route.rule


def client_of(app: FastAPI) -> TestClient:
    return TestClient(
        app,
        base_url="https://heat.example",
        client=("203.0.113.7", 1),
        follow_redirects=False,
        raise_server_exceptions=False,
    )


def address(route: Ruled, rule: Rule, choice: int) -> str:
    """Return the address with an object that is one's own (0) or somebody else's (1)."""

    def value(match: re.Match[str]) -> str:
        kind = rule.objects.get(match[1].split(":")[0])
        return OBJECTS[kind][choice] if kind in OBJECTS else "nothing"

    return re.sub(r"\{([^}]+)\}", value, route.path)


def refused(method: str, client: TestClient, path: str) -> bool:
    """Say whether an answer is the one of a page that is not there."""
    there = client.request(method, path)
    assert there.status_code < 500, (method, path, there.text)
    if there.status_code == 303 and there.headers["location"].startswith("/login"):
        return True
    return there.status_code in (401, 404)


def test_every_route_has_a_rule_and_strangers_get_only_what_is_listed(app: FastAPI) -> None:
    open_routes = {route.path for _, route, rule in routes(app) if Role.ANYBODY in rule.roles}
    assert open_routes == OPEN_TO_STRANGERS


def test_what_the_log_may_hold_of_a_route_has_words(app: FastAPI) -> None:
    written = {
        f"{method} {route.path}"
        for method, route, rule in routes(app)
        if method not in SAFE_METHODS or rule.exports
    }
    assert len(written) > 30
    assert written - set(ACTIONS) == set(), "say in api/deed_words.py what was done"
    gone = {one for one in ACTIONS if one.startswith(("GET /", "POST /"))} - written
    assert gone == set()


def test_a_route_without_a_rule_is_not_served() -> None:
    bare = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    router = APIRouter(prefix="/hidden")
    router.get("/bare")(lambda: "")
    bare.include_router(router)
    with pytest.raises(ValueError, match="/hidden/bare"):
        insist_on_rules(bare.routes)


def test_no_route_to_single_homes_is_open_to_offices_or_suppliers(app: FastAPI) -> None:
    for _, route, rule in routes(app):
        if {"home", "room", "node"} & set(rule.objects.values()):
            assert rule.roles <= HOMES_FOR, route.path


def test_every_path_parameter_that_names_an_object_is_checked(app: FastAPI) -> None:
    for _, route, rule in routes(app):
        if Role.ANYBODY in rule.roles:
            continue
        for name in re.findall(r"\{(\w+)", route.path):
            kind = name.removesuffix("_id")
            if kind in OBJECTS:
                assert rule.objects.get(name) == kind, route.path


def test_nobody_signs_in_by_a_rule_that_needs_no_form_of_ours(app: FastAPI) -> None:
    for method, route, rule in routes(app):
        if rule.signs_in and method not in SAFE_METHODS:
            assert route.path in OPEN_TO_STRANGERS or rule.roles == {Role.DEMO}, route.path


@pytest.mark.parametrize("role", [*SCOPES, Role.ANYBODY])
def test_each_role_gets_what_its_rules_say_and_nothing_else(app: FastAPI, role: Role) -> None:
    client = client_of(app)
    if role is not Role.ANYBODY:
        sign_in(client, role, OWN_SCOPE.get(role, ""))
    for method, route, rule in routes(app):
        if Role.ANYBODY in rule.roles:
            continue
        if role not in rule.roles:
            for choice in (0, 1):
                path = address(route, rule, choice)
                assert refused(method, client, path), (role, method, path)
            continue
        limited = role in OWN_SCOPE and role is not Role.DISTRICT
        checked = [kind for kind in rule.objects.values() if kind in OBJECTS]
        if limited and checked:
            path = address(route, rule, 1)
            assert refused(method, client, path), (role, method, path)
        if len(checked) == len(re.findall(r"\{", route.path)):
            answer = client.request(method, address(route, rule, 0))
            is_form = method not in SAFE_METHODS
            assert answer.status_code == 403 if is_form else answer.status_code < 500, route.path


@pytest.mark.parametrize("role", [*SCOPES, Role.ANYBODY])
def test_what_is_hidden_and_what_is_not_there_look_the_same(app: FastAPI, role: Role) -> None:
    client = client_of(app)
    if role is not Role.ANYBODY:
        sign_in(client, role, OWN_SCOPE.get(role, ""))
    for method, route, rule in routes(app):
        limited = role in OWN_SCOPE and role is not Role.DISTRICT
        hidden = role not in rule.roles or (limited and set(rule.objects.values()) & set(OBJECTS))
        if Role.ANYBODY in rule.roles or not hidden or method != "GET":
            continue
        path = address(route, rule, 1)
        absent = f"{'/api/v1' if path.startswith('/api/') else ''}/no-such-page"
        if path.startswith(("/metrics", "/healthz")) or path == "/":
            continue  # answered to machines; and a name that is part of every address
        one, other = client.get(path), client.get(absent)
        assert one.status_code == other.status_code, path
        if one.status_code == 404:
            assert one.text.replace(path, absent) == other.text, path


def test_a_scope_is_what_lists_hold(app: FastAPI) -> None:
    client = client_of(app)
    for role, scope in OWN_SCOPE.items():
        if role is Role.RESIDENT:
            continue
        sign_in(client, role, scope)
        listed = {one["id"] for one in client.get("/api/v1/buildings").json()["buildings"]}
        assert "b001" in listed
        assert ("b009" in listed) is (role is Role.DISTRICT), role


def test_a_token_works_for_machines_only_while_its_account_does(app: FastAPI) -> None:
    accounts = app.state.door.accounts
    person = accounts.people.add("prometheus", "Prometheus", Role.OPERATOR)
    secret = accounts.sessions.new_token(person.id, "prometheus")
    client, headers = client_of(app), {"Authorization": f"Bearer {secret}"}
    assert client.get("/metrics", headers=headers).status_code == 200
    assert client.get("/metrics", headers={"Authorization": "Bearer x"}).status_code == 401
    assert client.get("/metrics").status_code == 401
    accounts.people.disable(person.id)
    assert client.get("/metrics", headers=headers).status_code == 401
