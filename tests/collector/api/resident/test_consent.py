"""An address reaches a supplier only by the resident's own consent, dated, for one case."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from heatward_collector.accounts import Role
from heatward_collector.api.app import create_app
from heatward_collector.cases import CaseStore
from heatward_collector.config import Config, State, Web
from heatward_collector.core.cases import CaseKind, Event, HeatPlace, What
from heatward_collector.core.suppression import Level
from heatward_collector.locale import ENGLISH, texts
from heatward_collector.supervision import CaseFiles
from heatward_collector.supervision.order import order_rows
from support.findings_board import PaperFindingRoom
from support.season_books import SeasonBooks, moment
from support.signed_in import sign_in

NOW = float(moment("2021-12-04 09:00"))
SAY = texts(ENGLISH)


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    """Return a district with two cases that concern home h0001, the second by itself."""
    books = SeasonBooks(tmp_path_factory.mktemp("state"))
    for begun_s, building in ((int(NOW) - 86_400, "b001"), (int(NOW) - 7200, "b001")):
        event = Event(
            What.OPENED,
            int(NOW) - 3600,
            kind=CaseKind.BELOW_STANDARD,
            where=HeatPlace(Level.BUILDING, building),
            sign=f"below:{building}:{begun_s}",
            revision=1,
            begun_s=begun_s,
            homes=("h0001", "h0002"),
            buildings=(building,),
        )
        with CaseStore(books.registry.database).change() as change:
            change.open(event)
    return Config(state=State(books.folder), web=Web(host="0.0.0.0"))


@pytest.fixture
def client(config):
    app = create_app(config, now=lambda: NOW, findings=PaperFindingRoom())
    address = ("203.0.113.7", 1)
    with TestClient(app, "https://heat.example", client=address, follow_redirects=False) as client:
        yield client


def of_supplier(client, number: int) -> str:
    sign_in(client, Role.SUPPLIER, "su-qingsong")
    return client.get(f"/case/{number}?lang=en").text


def address_in_order(config, number: int) -> str:
    files = CaseFiles(config, int(NOW))
    rows = dict(map(tuple, order_rows(files.one(number), SAY)))
    files.close()
    return rows.get("Addresses", "")


def test_a_supplier_learns_the_address_of_who_consented_in_that_case_and_no_other(client, config):
    assert "h0001" not in of_supplier(client, 1)
    assert address_in_order(config, 1) == ""
    own = sign_in(client, Role.RESIDENT, "h0001")
    page = client.get("/home/address?lang=en").text
    assert page.count("I agree for this case") == 2
    assert client.post("/home/address/1", data={"csrf": own.csrf}).status_code == 303
    assert "You agreed on" in client.get("/home/address?lang=en").text
    assert client.post("/home/address/1", data={"csrf": own.csrf}).status_code == 303
    shown = of_supplier(client, 1)
    assert "(h0001)" in shown
    assert "floor" in shown
    assert "h0002" not in shown
    assert "h0001" not in of_supplier(client, 2)
    assert "(h0001), by consent of 2021-12-04" in address_in_order(config, 1)
    assert address_in_order(config, 2) == ""
    case = CaseStore(client.app.state.door.registry.database).case(1)
    assert [one.what for one in case.history].count(What.CONSENT) == 1
    noted = [row.target for row in client.app.state.door.accounts.audit.newest(9)]
    assert "case=1 consent" in noted


def test_a_resident_consents_to_nothing_of_others(client):
    own = sign_in(client, Role.RESIDENT, "h0040")
    assert "No case is open for your home" in client.get("/home/address?lang=en").text
    assert client.post("/home/address/2", data={"csrf": own.csrf}).status_code == 404
    sign_in(client, Role.STREET, "st-songhua")
    assert client.get("/home/address").status_code == 404
