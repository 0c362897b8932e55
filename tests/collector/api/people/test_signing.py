"""Signing in and out: passwords, links, codes, forms of other sites, how often one may guess."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from heatward_collector.accounts import Role
from heatward_collector.accounts.residents import new_resident
from heatward_collector.accounts.sessions import OFFICE_S
from heatward_collector.api.app import create_app
from heatward_collector.api.frame.body_limit import MOST_BYTES
from heatward_collector.api.people.signing import MOST_OF_ONE
from heatward_collector.api.rights.door import SESSION_COOKIE
from heatward_collector.config import parse
from support.findings_board import PaperFindingRoom
from support.signed_in import sign_in
from support.street import NOW_S, PaperReadingRoom, every_standing

PASSWORD = "correct horse"
ORIGIN = "https://heat.example"


class Clock:
    now_s = float(NOW_S)

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(tmp_path: Path, clock: Clock) -> TestClient:
    config = parse(
        f'[state]\ndirectory = "{tmp_path}"\n[web]\nhost = "0.0.0.0"\npublic_url = "{ORIGIN}"'
    )
    room = PaperReadingRoom(every_standing())
    app = create_app(config, room, clock, PaperFindingRoom())
    return TestClient(app, base_url=ORIGIN, follow_redirects=False)


def people(client: TestClient):
    return client.app.state.door.accounts.people


def audited(client: TestClient) -> list[str]:
    return [deed.action for deed in client.app.state.door.accounts.audit.newest(50)]


def sign(client: TestClient, login: str = "li", password: str = PASSWORD, **headers: str):
    form = {"login": login, "password": password, "next": "/findings"}
    return client.post("/login", data=form, headers=headers)


def test_a_password_opens_a_session_that_ends_with_the_day(
    client: TestClient, clock: Clock
) -> None:
    people(client).add("li", "Li", Role.CITY, secret=PASSWORD)
    answer = sign(client)
    assert (answer.status_code, answer.headers["location"]) == (303, "/findings")
    cookie = answer.headers["set-cookie"]
    for word in ("HttpOnly", "Secure", "SameSite=lax", f"Max-Age={OFFICE_S}", "Path=/"):
        assert word in cookie
    assert client.get("/").status_code == 200
    clock.now_s += OFFICE_S
    assert client.get("/").status_code == 303
    assert audited(client) == ["sign in"]


def test_signing_out_needs_the_form_and_ends_the_session_on_the_server(client: TestClient) -> None:
    who = sign_in(client, Role.CITY)
    assert client.post("/logout").status_code == 403
    assert client.get("/").status_code == 200
    page = client.get("/").text
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', page)
    assert token is not None and token[1] == who.csrf
    assert client.post("/logout", data={"csrf": token[1]}).status_code == 303
    client.cookies.set(SESSION_COOKIE, who.secret)
    assert client.get("/").status_code == 303


@pytest.mark.parametrize(
    ("origin", "token", "status"),
    [
        (ORIGIN, "own", 303),
        (None, "own", 303),
        ("https://evil.example", "own", 403),
        ("null", "own", 403),
        ("https://heat.example.evil.example", "own", 403),
        (ORIGIN, "", 403),
        (ORIGIN, "0" * 32, 403),
        (ORIGIN, "\u00e9", 403),
    ],
)
def test_only_a_form_of_this_session_from_this_site_changes_anything(
    client: TestClient, origin: str | None, token: str, status: int
) -> None:
    who = sign_in(client, Role.CITY)
    headers = {} if origin is None else {"Origin": origin}
    form = {"csrf": who.csrf if token == "own" else token}
    assert client.post("/logout", data=form, headers=headers).status_code == status


def test_a_token_of_another_session_is_refused(client: TestClient) -> None:
    other = sign_in(client, Role.CITY)
    sign_in(client, Role.OPERATOR)
    assert client.post("/logout", data={"csrf": other.csrf}).status_code == 403


def test_another_site_cannot_sign_somebody_in(client: TestClient) -> None:
    people(client).add("li", "Li", Role.CITY, secret=PASSWORD)
    assert sign(client, Origin="https://evil.example").status_code == 403
    assert sign(client, Origin=ORIGIN).status_code == 303


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("/findings?lang=en", "/findings?lang=en"),
        ("//evil.example", "/today"),
        ("/\\evil.example", "/today"),
        ("https://evil.example", "/today"),
        ("/x\r\nSet-Cookie: a=b", "/today"),
        ("", "/today"),
    ],
)
def test_signing_in_leads_to_our_own_pages_only(client: TestClient, path: str, where: str) -> None:
    people(client).add("li", "Li", Role.CITY, secret=PASSWORD)
    form = {"login": "li", "password": PASSWORD, "next": path}
    assert client.post("/login", data=form).headers["location"] == where


def test_guessing_ends_after_a_few_attempts_and_is_forgiven_later(
    client: TestClient, clock: Clock
) -> None:
    people(client).add("li", "Li", Role.CITY, secret=PASSWORD)
    for _ in range(MOST_OF_ONE):
        assert sign(client, password="wrong one").status_code == 403
    answer = sign(client)
    assert answer.status_code == 429
    assert "一刻钟" in answer.text
    clock.now_s += 901
    assert sign(client).status_code == 303


def test_a_wrong_name_and_a_wrong_password_look_the_same(client: TestClient) -> None:
    people(client).add("li", "Li", Role.CITY, secret=PASSWORD)
    assert sign(client, password="wrong one").text == sign(client, login="nobody").text


def test_an_invitation_sets_a_password_once(client: TestClient) -> None:
    person = people(client).add("li", "Li", Role.CITY)
    path = f"/invitation/{people(client).invite(person.id)}"
    assert "li" in client.get(path).text
    for form, words in (
        ({"password": "short", "again": "short"}, "至少十个字符"),
        ({"password": PASSWORD, "again": "another password"}, "不一样"),
    ):
        answer = client.post(path, data=form)
        assert answer.status_code == 422 and words in answer.text
    form = {"password": PASSWORD, "again": PASSWORD}
    assert client.post(path, data=form).status_code == 303
    assert client.get("/").status_code == 200
    client.cookies.clear()
    for again in (client.get(path), client.post(path, data=form)):
        assert again.status_code == 404
        assert "这个链接已经失效" in again.text and "再要一个链接" in again.text
    assert sign(client).status_code == 303


def test_a_resident_comes_in_by_link_and_code(client: TestClient) -> None:
    link, code, _ = new_resident(people(client), "h0001", "home")
    path = f"/r/{link}"
    assert client.get(path).status_code == client.get("/r/nobody").status_code == 200
    assert client.post(path, data={"code": "WRONG234"}).status_code == 403
    typed = f" {code[:4].lower()}-{code[4:]} "
    answer = client.post(path, data={"code": typed})
    assert (answer.status_code, answer.headers["location"]) == (303, "/home")
    assert client.get(path).headers["location"] == "/home"
    assert all(link not in deed.target for deed in client.app.state.door.accounts.audit.newest(9))


def test_a_resident_s_code_opens_nothing_without_the_link(client: TestClient) -> None:
    link, code, _ = new_resident(people(client), "h0001", "home")
    assert client.post("/r/other", data={"code": code}).status_code == 403
    assert sign(client, login=link, password=code).status_code == 403


def test_a_stranger_cannot_send_much(client: TestClient) -> None:
    form = {"login": "li", "password": "x" * MOST_BYTES}
    assert client.post("/login", data=form).status_code == 413
    pieces = (b"x" * 10_000 for _ in range(20))
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post("/login", content=pieces, headers=kind).status_code in (400, 413)
    assert client.post("/login", headers={"Content-Length": "-1"}).status_code == 413


def test_what_is_exported_is_in_the_log_before_it_leaves(client: TestClient) -> None:
    sign_in(client, Role.OPERATOR)
    assert client.get("/room/r-0201-bedroom").status_code == 200
    assert client.get("/room/nobody").status_code == 404
    (deed,) = client.app.state.door.accounts.audit.newest(9)
    assert (deed.action, deed.target) == ("GET /room/{room_id}", "room_id=r-0201-bedroom")

    def refuse(*_: object) -> None:
        raise OSError("the disk is full")

    client.app.state.door.accounts.audit.note = refuse
    with pytest.raises(OSError, match="disk is full"):
        client.get("/room/r-0201-bedroom")
