"""What suppliers declare on a page: stops, repairs and hours of heating of their own sources."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from heatward_collector.accounts import Role
from heatward_collector.api.app import create_app
from heatward_collector.config import parse
from heatward_collector.registry import Registry, open_registry, spreadsheets
from support.evidence import SAMPLE
from support.findings_board import PaperFindingRoom
from support.season_books import moment
from support.signed_in import SignedIn, sign_in
from support.street import PaperReadingRoom

NOW_S = moment("2021-12-03 20:00")
STOP = {
    "place": "zone:z-jiangpan-low",
    "kind": "reported_repair",
    "from_s": "2021-12-04T08:00",
    "to_s": "2021-12-04T14:00",
    "text": "valve",
}
HOURS = {
    "source": "so-qingsong",
    "hours": "05:00-09:00,16:00-22:00",
    "from_s": "2021-12-05T00:00",
    "to_s": "",
}


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    config = parse(f'[state]\ndirectory = "{tmp_path}"\n[web]\nhost = "0.0.0.0"')
    spreadsheets.import_folder(open_registry(config), SAMPLE)
    app = create_app(config, PaperReadingRoom(()), lambda: float(NOW_S), PaperFindingRoom())
    return TestClient(app, base_url="https://heat.example", follow_redirects=False)


@pytest.fixture
def supplier(client: TestClient) -> SignedIn:
    return sign_in(client, Role.SUPPLIER, "su-qingsong")


def send(client: TestClient, who: SignedIn, what: str, **fields: str):
    return client.post(f"/declarations/{what}?lang=en", data={"csrf": who.csrf, **fields})


def registry_of(client: TestClient) -> Registry:
    registry: Registry = client.app.state.door.registry
    return registry


def test_a_stop_is_reported_with_our_time_and_read_by_offices(
    client: TestClient, supplier: SignedIn
) -> None:
    assert send(client, supplier, "stop", **STOP).status_code == 303
    (row,) = [one for one in registry_of(client).rows("notice") if one["text"] == "valve"]
    assert row["recorded_s"] == NOW_S
    assert (row["zone"], row["source"], row["kind"]) == ("z-jiangpan-low", None, "reported_repair")
    assert (row["from_s"], row["to_s"]) == (moment("2021-12-04 08:00"), moment("2021-12-04 14:00"))
    sign_in(client, Role.STREET, "st-songhua")
    text = client.get("/declarations?lang=en").text
    assert (
        "valve" in text and "reported at" in text and '<form method="post" action="/dec' not in text
    )


def test_what_is_reported_after_it_began_says_so(client: TestClient, supplier: SignedIn) -> None:
    late = {**STOP, "from_s": "2021-12-03T08:00"}
    assert send(client, supplier, "stop", **late).status_code == 303
    assert "reported after it had begun" in client.get("/declarations?lang=en").text


def test_hours_are_declared_from_a_time_and_never_declared_anew(
    client: TestClient, supplier: SignedIn
) -> None:
    assert send(client, supplier, "hours", **HOURS).status_code == 303
    rows = registry_of(client).rows("regime")
    assert any(one["hours"] == HOURS["hours"] for one in rows)
    again = send(client, supplier, "hours", **{**HOURS, "hours": "06:00-08:00"})
    assert again.status_code == 422 and "declared from this time on already" in again.text
    assert registry_of(client).rows("regime") == rows


@pytest.mark.parametrize(
    ("what", "changed", "words"),
    [
        ("stop", {"place": "source:so-beichen"}, "one of your heat sources"),
        ("stop", {"place": "zone:nowhere"}, "one of your heat sources"),
        ("stop", {"kind": "announcement"}, "one of your heat sources"),
        ("stop", {"from_s": "soon"}, "is no time"),
        ("stop", {"to_s": "2021-12-04T07:00"}, "must end after it begins"),
        ("stop", {"text": ""}, "must not be empty"),
        ("hours", {"source": "so-beichen"}, "one of your heat sources"),
        ("hours", {"hours": "all day"}, "span of hours"),
        ("hours", {"to_s": "2021-12-04T07:00"}, "must end after it begins"),
    ],
)
def test_what_cannot_be_declared_is_said_and_nothing_is_put_down(
    client: TestClient, supplier: SignedIn, what: str, changed: dict[str, str], words: str
) -> None:
    version = registry_of(client).version()
    answer = send(client, supplier, what, **{**(STOP if what == "stop" else HOURS), **changed})
    assert answer.status_code == 422 and words in answer.text
    assert registry_of(client).version() == version


def test_what_was_typed_into_one_form_does_not_appear_in_the_other(
    client: TestClient, supplier: SignedIn
) -> None:
    page = send(client, supplier, "stop", **STOP | {"text": ""}).text
    stop, hours = page.split('action="/declarations/hours"')
    assert STOP["from_s"] in stop and STOP["from_s"] not in hours


def test_a_supplier_reads_only_of_its_own_sources(client: TestClient, supplier: SignedIn) -> None:
    send(client, supplier, "stop", **STOP)
    sign_in(client, Role.SUPPLIER, "su-beichen")
    assert "valve" not in client.get("/declarations").text
    street = sign_in(client, Role.STREET, "st-songhua")
    assert send(client, street, "stop", **STOP).status_code == 404
