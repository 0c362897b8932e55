"""Single dated edits of the registry: shown first, saved as shown, and what was before stays."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from heatward_collector.accounts import Role
from heatward_collector.alerts.recipients import Charge, Recipients
from heatward_collector.api.app import create_app
from heatward_collector.api.city.whom_to_call import SUPPLIER, WhomToCall
from heatward_collector.config import parse
from heatward_collector.core.cases.telling import Audience
from heatward_collector.registry import open_registry, sensor_number, spreadsheets
from support.findings_board import PaperFindingRoom
from support.signed_in import SignedIn, sign_in
from support.street import NOW_S, PaperReadingRoom

CONTACTS = (
    {
        "person": "p-duty-1", "rank": 1, "channel": "text", "language": "zh",
        "from_day": None, "to_day": None,
    },
)  # fmt: skip
"""How the desk was reached before it had another number."""
SAMPLE = Path(spreadsheets.__file__).with_name("sample")


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    config = parse(f'[state]\ndirectory = "{tmp_path}"')
    spreadsheets.import_folder(open_registry(config), SAMPLE)
    app = create_app(config, PaperReadingRoom(()), lambda: float(NOW_S), PaperFindingRoom())
    return TestClient(app, base_url="http://127.0.0.1", follow_redirects=False)


def send(client: TestClient, who: SignedIn, edit: str, **typed: str) -> str:
    return client.post(f"/registry/edit/{edit}?lang=en", data={"csrf": who.csrf, **typed}).text


def save(client: TestClient, who: SignedIn, edit: str, **typed: str) -> str:
    shown = re.search(r'name="shown" value="(\w+)"', send(client, who, edit, **typed))
    assert shown is not None
    return send(client, who, edit, deed="save", shown=shown[1], **typed)


def hung(client: TestClient, room: str) -> str:
    directory = client.app.state.door.directory()
    return next(
        row["sensor"]
        for row in directory.assignments()
        if row["target"] == room and row["to_s"] is None
    )


def test_a_sensor_moves_from_a_time_on_and_the_one_in_its_way_ends(client: TestClient) -> None:
    who, sensor = sign_in(client, Role.OPERATOR), hung(client, "h0001-r1")
    typed = {"sensor": sensor, "room": "h0002-r1", "from_s": "2026-11-20T08:00"}
    assert "rows would change" in send(client, who, "sensor", **typed)
    assert hung(client, "h0001-r1") == sensor
    assert "Saved" in save(client, who, "sensor", **typed)
    directory = client.app.state.door.directory()
    points = directory.point_index
    moved_s = 1_795_132_800
    before, after = directory.sensors_at(moved_s - 1), directory.sensors_at(moved_s)
    assert before[points["h0001-r1"]] == after[points["h0002-r1"]] == sensor_number(sensor)
    assert points["h0001-r1"] not in after
    assert client.app.state.door.accounts.audit.newest(1)[0].target.startswith("~ assignment")


def test_only_what_was_shown_is_saved(client: TestClient) -> None:
    who, sensor = sign_in(client, Role.OPERATOR), hung(client, "h0001-r1")
    typed = {"sensor": sensor, "room": "bench", "from_s": "2026-11-20T08:00"}
    shown = re.search(r'name="shown" value="(\w+)"', send(client, who, "sensor", **typed))
    assert shown is not None
    typed["from_s"] = "2026-11-21T08:00"
    text = send(client, who, "sensor", deed="save", shown=shown[1], **typed)
    assert "Saved" not in text and "rows would change" in text
    assert hung(client, "h0001-r1") == sensor


def test_a_calibration_holds_from_its_time(client: TestClient) -> None:
    who, sensor = sign_in(client, Role.OPERATOR), hung(client, "h0001-r1")
    typed = {
        "sensor": sensor,
        "from_s": "2026-11-20T08:00",
        "offset_kelvin": "-0.25",
        "uncertainty_kelvin": "0.1",
        "certificate": "2026-17",
    }
    assert "Saved" in save(client, who, "calibration", **typed)
    rows = client.app.state.door.registry.rows("calibration")
    assert {"sensor": sensor, "offset_kelvin": -0.25}.items() <= rows[-1].items() or any(
        row["sensor"] == sensor and row["offset_kelvin"] == -0.25 for row in rows
    )


def test_an_officer_is_appointed_from_a_day_and_the_one_before_stays(client: TestClient) -> None:
    who = sign_in(client, Role.OPERATOR)
    source = next(iter(client.app.state.door.directory().tables["source"]))
    held = len(client.app.state.door.registry.rows("person"))
    typed = {"subject": source, "name": "示例二", "phone": "0451-1", "from_day": "2026-11-22"}
    assert "Saved" in save(client, who, "officer", **typed)
    assert "Saved" in save(client, who, "officer", **{**typed, "phone": "0451-2"})
    people = client.app.state.door.registry.rows("person")
    assert len(people) == held + 1
    assert [row["phone"] for row in people if row["name"] == "示例二"] == ["0451-2"]
    assert client.app.state.door.accounts.audit.newest(1)[0].target == "officer"


def test_a_duty_phone_holds_from_its_day_and_the_one_before_until_then(client: TestClient) -> None:
    who = sign_in(client, Role.OPERATOR)
    held = client.app.state.door.registry.rows("person")
    typed = {"subject": "su-qingsong", "phone": "0451-777", "from_day": "2026-11-22"}
    assert "1 row would change" in send(client, who, "phone", **typed)
    assert "Saved" in save(client, who, "phone", **typed)
    persons = client.app.state.door.registry.rows("person")
    assert len(persons) == len(held) + 1
    (before,) = [row for row in held if row["id"] == "p-duty-1"]
    assert before in persons
    directory = client.app.state.door.directory()
    for day, phone in ((date(2026, 11, 21), before["phone"]), (date(2026, 11, 22), "0451-777")):
        (called,) = [
            one for one in WhomToCall(directory).of_buildings(["b001"], day) if one.role == SUPPLIER
        ]
        assert called.phone == phone
        places = Charge(suppliers=("su-qingsong",))
        (told,) = Recipients(persons, (), CONTACTS).of(Audience.SUPPLIER, places, 0, day)
        assert (told.phone, told.channels) == (phone, ("text",))


@pytest.mark.parametrize(
    ("name", "typed", "problem"),
    [
        ("sensor", {"sensor": "28-1", "room": "h0001-r1", "from_s": "2026-11-20T08:00"}, "sensor"),
        ("sensor", {"room": "nowhere", "from_s": "2026-11-20T08:00"}, "no such room"),
        ("sensor", {"room": "bench", "from_s": "1999-01-01T08:00"}, "later assignment"),
        ("sensor", {"room": "bench", "from_s": "soon"}, "is no time"),
        ("officer", {"subject": "nowhere", "name": "x", "from_day": "2026-11-20"}, "nowhere"),
        ("phone", {"subject": "x", "phone": "110", "from_day": "2026-11-20"}, "no such supplier"),
        (
            "phone",
            {"subject": "su-beichen", "phone": "?", "from_day": "2026-11-20"},
            "no telephone",
        ),
        ("phone", {"subject": "su-beichen", "phone": "", "from_day": "2026-11-20"}, "no telephone"),
        ("phone", {"subject": "su-beichen", "phone": "110", "from_day": "soon"}, "from_day"),
    ],
)
def test_a_faulty_edit_is_named_and_nothing_taken(
    client: TestClient, name: str, typed: dict[str, str], problem: str
) -> None:
    who, version = sign_in(client, Role.OPERATOR), client.app.state.door.registry.version()
    filled = {"sensor": hung(client, "h0001-r1"), **typed} if name == "sensor" else typed
    text = send(client, who, name, deed="save", **filled)
    assert "Nothing was taken over" in text and problem in text
    assert client.app.state.door.registry.version() == version


def test_an_edit_that_does_not_exist_is_no_page(client: TestClient) -> None:
    sign_in(client, Role.OPERATOR)
    assert client.get("/registry/edit/nothing").status_code == 404
    for name in ("sensor", "calibration", "officer", "phone"):
        assert f"/registry/edit/{name}" in client.get("/registry").text
        assert client.get(f"/registry/edit/{name}").status_code == 200


def test_gaps_are_those_of_the_reader_s_scope_and_close_when_they_are_filled(
    client: TestClient,
) -> None:
    who = sign_in(client, Role.OPERATOR)
    registry = client.app.state.door.registry
    new = {"id": "so-new", "name_zh": "新源", "name_en": "New source", "supplier": "su-beichen"}
    registry.put({"source": [new]})
    assert "New source" in client.get("/gaps?lang=en").text
    typed = {"subject": "so-new", "name": "示例", "phone": "1", "from_day": "2026-11-20"}
    assert "Saved" in save(client, who, "officer", **typed)
    assert "New source" not in client.get("/gaps?lang=en").text
    registry.put(
        {"estate": [{"id": "es-new", "name_zh": "新", "name_en": "Far", "street": "st-songhua"}]}
    )
    assert "Far" in client.get("/gaps?lang=en").text
    sign_in(client, Role.STREET, "st-songhua")
    assert "Far" in client.get("/gaps?lang=en").text
    sign_in(client, Role.SUPPLIER, "su-beichen")
    assert client.get("/gaps").status_code == 404
