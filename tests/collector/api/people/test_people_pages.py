"""The operator's people and log, and slips whose QR code is the link that stands beside it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from heatward_collector.accounts import Role
from heatward_collector.api.app import create_app
from heatward_collector.api.city.facts import Judgement
from heatward_collector.api.drawings.qr_code import qr_code
from heatward_collector.config import parse
from heatward_collector.registry import open_registry, spreadsheets
from support.findings_board import PaperFindingRoom
from support.signed_in import SignedIn, sign_in
from support.street import NOW_S, PaperReadingRoom, building

SAMPLE = Path(spreadsheets.__file__).with_name("sample")


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    config = parse(f'[state]\ndirectory = "{tmp_path}"\n[web]\npublic_url = "https://heat.example"')
    spreadsheets.import_folder(open_registry(config), SAMPLE)
    room = PaperReadingRoom((building(1, Judgement.MET),))
    app = create_app(config, room, lambda: float(NOW_S), PaperFindingRoom())
    return TestClient(app, base_url="https://heat.example", follow_redirects=False)


@pytest.fixture
def operator(client: TestClient) -> SignedIn:
    return sign_in(client, Role.OPERATOR)


def add(client: TestClient, who: SignedIn, **form: str):
    return client.post("/people?lang=en", data={"csrf": who.csrf, **form})


def test_an_account_is_added_opened_and_closed(client: TestClient, operator: SignedIn) -> None:
    form = {"role": "street", "scope": "st-songhua", "name": "李红", "login": "li"}
    where = add(client, operator, **form).headers["location"]
    slip = client.post(f"{where}/link", data={"csrf": operator.csrf}).text
    link = re.search(r"https://heat\.example(/invitation/[\w-]+)", slip)
    assert link is not None and "svg class=" in slip
    other = TestClient(client.app, base_url="https://heat.example", follow_redirects=False)
    password = {"password": "correct horse", "again": "correct horse"}
    assert other.post(link[1], data=password).status_code == 303
    assert other.get("/").status_code == 200
    assert client.post(f"{where}/close", data={"csrf": operator.csrf}).status_code == 303
    assert other.get("/").status_code == 303
    assert "<small>account closed</small>" in client.get("/people?lang=en").text
    assert "<small>已停用</small>" in client.get("/people?lang=zh").text
    reopened = {"csrf": operator.csrf, "reopen": "yes"}
    assert client.post(f"{where}/close", data=reopened).status_code == 303
    log = client.get("/audit?lang=en").text
    for words in ("Signed in", "Made a one-time link or a slip", "street office"):
        assert words in log
    assert "POST" not in log and "street office 李红 account opened again" in log
    log = client.get("/audit?lang=zh").text
    for words in ("登录", "生成一次性链接或纸条", "街道办事处 李红 已停用"):
        assert words in log


@pytest.mark.parametrize(
    ("language", "name"), [("zh", "松花街道办事处"), ("en", "Songhua Street Office")]
)
def test_people_are_confined_to_places_with_names(
    client: TestClient, operator: SignedIn, language: str, name: str
) -> None:
    form = {"role": "street", "scope": "st-songhua", "name": "李红", "login": "li"}
    where = add(client, operator, **form).headers["location"]
    told = f"{name} <small>st-songhua</small>"
    assert told in client.get(f"/people?lang={language}").text
    assert told in client.get(f"{where}?lang={language}").text


def test_a_slip_holds_link_and_code_that_open_a_home(
    client: TestClient, operator: SignedIn
) -> None:
    where = add(client, operator, role="resident", scope="h0001", name="h0001").headers["location"]
    slip = client.post(f"{where}/link", data={"csrf": operator.csrf}).text
    link = re.search(r"https://heat\.example(/r/[\w-]+)", slip)
    code = re.search(r'class="code">([\w-]+)<', slip)
    assert link is not None and code is not None
    assert str(qr_code(link[0])) in slip
    other = TestClient(client.app, base_url="https://heat.example", follow_redirects=False)
    assert other.post(link[1], data={"code": code[1]}).headers["location"] == "/home"
    for secret in (link[1], code[1], code[1].replace("-", "")):
        assert secret not in client.get("/people").text + client.get("/audit").text


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"role": "king", "name": "x", "login": "xx"}, "choose a role"),
        ({"role": "street", "scope": "nowhere", "name": "x", "login": "xx"}, "no street"),
        ({"role": "city", "name": "x", "login": "X Y"}, "small"),
        ({"role": "city", "name": "", "login": "xx"}, "1 to 100"),
    ],
)
def test_what_cannot_be_added_is_said(
    client: TestClient, operator: SignedIn, form: dict[str, str], words: str
) -> None:
    answer = add(client, operator, **form)
    assert answer.status_code == 422 and words in answer.text
    assert f'value="{form["name"]}"' in answer.text, "what was typed is typed once"
    assert len(client.app.state.door.accounts.people.all()) == 1


def test_the_operator_cannot_lock_the_door_from_inside(
    client: TestClient, operator: SignedIn
) -> None:
    path = f"/people/{operator.person.id}/close"
    assert client.post(path, data={"csrf": operator.csrf}).status_code == 404
    assert client.get("/people/nobody").status_code == 404
    assert client.get("/people/operator").status_code == 404


def test_a_long_log_comes_in_pages(client: TestClient, operator: SignedIn) -> None:
    door = client.app.state.door
    for number in range(130):
        door.note(door.accounts.sessions.viewer(operator.secret), f"deed {number:03d}", "", "")
    first = client.get("/audit").text
    assert "deed 129" in first and "deed 029" not in first
    older = re.search(r"\?before=\d+", first)
    assert older is not None
    assert "deed 029" in client.get(f"/audit{older[0]}").text


def test_a_qr_code_is_square_with_a_quiet_border() -> None:
    svg = str(qr_code("https://heat.example/r/x"))
    side = re.search(r'viewBox="0 0 (\d+) \1"', svg)
    assert side is not None
    places = [tuple(map(int, pair)) for pair in re.findall(r"M(\d+) (\d+)h1", svg)]
    assert min(min(pair) for pair in places) == 4
    assert max(max(pair) for pair in places) == int(side[1]) - 5


def test_a_refusal_is_in_the_reader_s_language(client: TestClient, operator: SignedIn) -> None:
    form = {"role": "street", "scope": "nowhere", "name": "x", "login": "xx"}
    for given, words in (
        (form, "登记表里没有编号为“nowhere”的街道"),
        ({**form, "role": ""}, "请选择角色"),
        ({**form, "role": "city", "scope": "", "login": "X"}, "登录名应为 2 至 40 个小写字母"),
    ):
        text = client.post("/people?lang=zh", data={"csrf": operator.csrf, **given}).text
        problem = re.search(r'<p class="problem" role="alert">(.*?)</p>', text)
        assert problem is not None and words in problem[1] and " / " not in problem[1]
