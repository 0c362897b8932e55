"""Papers in the browser: who gets them, and that no office learns of a home without a case."""

from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta

import pytest
from fastapi.testclient import TestClient

from heatward_collector.accounts import Role
from heatward_collector.api.app import create_app
from heatward_collector.conclusions.verdicts import DayVerdict
from heatward_collector.config import Config, State, Web
from heatward_collector.evidence.packed import check
from support.findings_board import PaperFindingRoom
from support.season_books import SeasonBooks, moment, open_cold_case
from support.signed_in import sign_in

NOW = float(moment("2021-12-04 09:00"))


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """Return a district in which two homes are cold; for one of them a case is open."""
    books = SeasonBooks(tmp_path_factory.mktemp("state"))
    rule = "harbin-2021-10-29"
    books.record(
        [
            DayVerdict("home", home, date(2021, 12, 4) - timedelta(days=back), word, rule, facts)
            for back in (1, 2, 3)
            for home, word, facts in (
                ("h0001", "below", {"median": 17.0}),
                ("h0002", "below", {"median": 18.0}),
                ("h0003", "met", {"median": 21.0}),
            )
        ]
    )
    open_cold_case(books.registry.database, int(NOW))
    config = Config(state=State(books.folder), web=Web(host="0.0.0.0"))
    return create_app(config, now=lambda: NOW, findings=PaperFindingRoom())


@pytest.fixture
def client(app):
    address = ("203.0.113.7", 1)
    with TestClient(app, "https://heat.example", client=address, follow_redirects=False) as client:
        yield client


def test_an_office_sees_where_to_go_and_the_home_only_where_a_case_is_open(client):
    sign_in(client, Role.STREET, "st-songhua")
    page = client.get("/rounds?lang=en").text
    assert "h0001" in page
    assert "h0002" not in page
    assert "its number is shown once a case is open" in page
    assert "06:00–08:00" in page


def test_another_street_sees_its_own_silent_sensors_and_nothing_of_this_one(client):
    sign_in(client, Role.STREET, "st-dingxiang")
    page = client.get("/rounds?lang=en").text
    assert "sensor is silent" in page
    assert "Riverside" not in page
    assert client.get("/case/1/order.pdf").status_code == 404


def test_the_operator_sees_every_home_and_prints_the_round(client):
    sign_in(client, Role.OPERATOR)
    assert "h0002" in client.get("/rounds").text
    answer = client.get("/rounds.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


def test_the_papers_of_a_case_are_there_for_offices_and_written_down(client, app):
    sign_in(client, Role.STREET, "st-songhua")
    assert client.get("/case/1/order.pdf").content.startswith(b"%PDF")
    text = client.get("/case/1/group-text?lang=en").text
    assert "Riverside Estate" in text
    assert "h0001" not in text
    assert "/case/1/order.pdf" in client.get("/case/1").text
    both = zipfile.ZipFile(io.BytesIO(client.get("/case/1/evidence.zip").content))
    assert both.read("evidence-case-1.pdf").startswith(b"%PDF")
    assert check(both.read("evidence-case-1.zip")).manifest["subject"]["homes"] == ["h0001"]
    noted = [row.action for row in app.state.door.accounts.audit.newest(50)]
    assert any("order.pdf" in action for action in noted)


@pytest.mark.parametrize(
    ("role", "scope"), [(Role.SUPPLIER, "su-qingsong"), (Role.VOLUNTEER, "es-jiangpan")]
)
def test_suppliers_and_volunteers_get_none_of_them(client, role, scope):
    sign_in(client, role, scope)
    for path in (
        "/rounds",
        "/rounds.pdf",
        "/case/1/order.pdf",
        "/case/1/group-text",
        "/case/1/evidence.zip",
    ):
        assert client.get(path).status_code == 404
