"""A volunteer's phone: which boxes are silent, and hanging a sensor until it is seen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.accounts import Role
from heatward_collector.api.app import create_app
from heatward_collector.api.city.facts import Judgement, Room, RoomFile
from heatward_collector.api.volunteer.installation import NotInstalled, sensor_of
from heatward_collector.config import parse
from heatward_collector.enrolment.boxes import Boxes
from heatward_collector.ledger import LedgerReader
from heatward_collector.registry import open_registry, spreadsheets
from heatward_node.reading import Quality
from heatward_node.rom import kernel_name
from support.findings_board import PaperFindingRoom
from support.signed_in import SignedIn, sign_in
from support.street import NOW_S, PaperReadingRoom, building

SAMPLE = Path(spreadsheets.__file__).with_name("sample")
NEW = "28-0000deadbeef"
GOOD = ["no_sun", "no_heat", "inside", "free"]


class RoomsOfTheSample(PaperReadingRoom):
    """Every room of the sample, each heard when a test says so."""

    heard: dict[str, tuple[int, float]] = {}
    unknown: set[str] = set()
    homes: tuple[str, ...] = ("h0001-r1", "h0002-r1")

    def room(self, room_id: str, days: int) -> RoomFile | None:
        if room_id in self.unknown:
            return None
        heard_at, celsius = self.heard.get(room_id, (None, None))
        home = room_id.split("-")[0]
        return RoomFile(
            Room(room_id, "bedroom", home, "b001", heard_at, celsius, None), self.buildings[0], ()
        )

    def building(self, building_id: str, days: int):
        file = super().building("b-01", days)
        homes = self.homes if building_id == "b001" else ()
        rooms = tuple(self.room(one, days).room for one in homes)
        return replace(file, rooms=rooms)


@pytest.fixture
def paper() -> RoomsOfTheSample:
    paper = RoomsOfTheSample((building(1, Judgement.MET),))
    paper.heard = {"h0001-r1": (NOW_S - 60, 21.0), "h0002-r1": (NOW_S - 9000, 19.0)}
    return paper


@pytest.fixture
def client(tmp_path: Path, paper: RoomsOfTheSample) -> TestClient:
    config = parse(
        f'[state]\ndirectory = "{tmp_path}"\n[enrolment]\ndirectory = "{tmp_path}/authority"'
    )
    spreadsheets.import_folder(open_registry(config), SAMPLE)
    app = create_app(config, paper, lambda: float(NOW_S), PaperFindingRoom())
    return TestClient(app, base_url="http://127.0.0.1", follow_redirects=False)


@pytest.fixture
def volunteer(client: TestClient) -> SignedIn:
    return sign_in(client, Role.VOLUNTEER, "es-jiangpan")


def answers(who: SignedIn, **changed: object) -> dict[str, object]:
    form = {
        "csrf": who.csrf,
        "sensor": NEW,
        "node": "n0001",
        "home": "h0001",
        "use": "kitchen",
        "height": "1,4",
        "agreed": "yes",
        "good": GOOD,
    }
    return form | changed


def test_silent_boxes_come_first_and_no_temperature_is_told(
    client: TestClient, volunteer: SignedIn
) -> None:
    text = client.get("/my?lang=en").text
    assert "1 box is silent" in text
    assert text.index("/node/n0002") < text.index("/node/n0001")
    assert "°C" not in text


def test_boxes_stand_in_the_order_of_the_floors(
    client: TestClient, volunteer: SignedIn, paper: RoomsOfTheSample
) -> None:
    paper.homes = ("h0002-r1", "h0003-r1", "h0001-r1")
    paper.heard = {room: (NOW_S - 60, 21.0) for room in paper.homes}
    text = client.get("/my?lang=en").text
    at = [text.index(f"floor {floor} ") for floor in (1, 5, 18)]
    assert at == sorted(at)


def test_a_sensor_hangs_from_now_in_its_room_and_is_seen_when_it_speaks(
    client: TestClient, volunteer: SignedIn, paper: RoomsOfTheSample
) -> None:
    answer = client.post("/install", data=answers(volunteer))
    assert answer.headers["location"] == "/install/h0001-r3"
    directory = client.app.state.door.directory()
    point = directory.point_index["h0001-r3"]
    assert directory.points[point].use == "kitchen"
    assert kernel_name(directory.sensors_at(NOW_S)[point].to_bytes(8, "little")) == NEW
    assert directory.placement(point, NOW_S) == (True, True)
    page = "/install/h0001-r3?lang=en"
    assert "Waiting for the first reading" in client.get(page).text
    paper.heard["h0001-r3"] = (NOW_S, 19.8)
    assert "We see you: 19.8 °C" in client.get(page).text
    assert "Done, thank you" in client.get(page + "&reference=20.3").text
    assert "differ by 2.2 degrees" in client.get(page + "&reference=22").text
    assert "as a number" in client.get(page + "&reference=x").text
    deed = client.app.state.door.accounts.audit.newest(1)[0]
    assert deed.target == f"room=h0001-r3 sensor={NEW}"


def test_a_new_room_waits_though_the_last_look_at_the_city_does_not_know_it(
    client: TestClient, volunteer: SignedIn, paper: RoomsOfTheSample
) -> None:
    paper.unknown = {"h0001-r3"}
    address = client.post("/install", data=answers(volunteer)).headers["location"]
    assert "Waiting for the first reading" in client.get(f"{address}?lang=en").text
    assert client.get("/install/h0001-r4").status_code == 404


def test_a_sensor_in_place_of_another_ends_the_other(
    client: TestClient, volunteer: SignedIn
) -> None:
    form = answers(volunteer, use="bedroom", room="h0001-r2", good=["free"])
    client.post("/install", data=form)
    directory = client.app.state.door.directory()
    point = directory.point_index["h0001-r2"]
    rows = [row for row in directory.assignments() if row["target"] == "h0001-r2"]
    assert [row["to_s"] for row in rows if row["sensor"] != NEW] == [NOW_S]
    assert directory.placement(point, NOW_S) == (True, False)


def test_a_second_bedroom_leaves_the_first_one_as_it_is(
    client: TestClient, volunteer: SignedIn
) -> None:
    asked = client.post("/install?lang=en", data=answers(volunteer, use="bedroom")).text
    assert "which room this is" in asked and "Another room, not measured so far" in asked
    door = client.app.state.door
    (first,) = (row for row in door.directory().assignments() if row["target"] == "h0001-r2")
    assert f"in place of {first['sensor']}" in asked
    client.post("/install", data=answers(volunteer, use="bedroom", room="another"))
    rows = [row for row in door.directory().assignments() if row["to_s"] is None]
    hung = {row["target"]: row["sensor"] for row in rows}
    assert hung["h0001-r2"] == first["sensor"] and hung["h0001-r3"] == NEW
    again = answers(volunteer, use="bedroom", room="h0040-r1")
    assert "which room this is" in client.post("/install?lang=en", data=again).text


def test_a_sensor_that_hangs_again_stays_in_its_room(
    client: TestClient, volunteer: SignedIn
) -> None:
    door = client.app.state.door
    (own,) = (row for row in door.directory().assignments() if row["target"] == "h0001-r2")
    form = answers(volunteer, use="bedroom", sensor=own["sensor"])
    assert client.post("/install", data=form).headers["location"] == "/install/h0001-r2"


def test_the_installer_sees_no_temperature_later(client: TestClient, volunteer: SignedIn) -> None:
    text = client.get("/install/h0001-r1?lang=en").text
    assert "We see you" in text and "°C" not in text


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"sensor": "28-123"}, "begins with 28"),
        ({"sensor": "28-00006b1ac6b8"}, "begins with 28"),
        ({"node": "n9999"}, "no box with this number"),
        ({"node": "n0040"}, "no box with this number"),
        ({"height": "high"}, "number of metres"),
        ({"height": "9"}, "number of metres"),
        ({"use": "attic"}, "choose the room"),
        ({"agreed": ""}, "consent"),
    ],
)
def test_a_wrong_answer_is_said_and_nothing_is_changed(
    client: TestClient, volunteer: SignedIn, changed: dict[str, str], words: str
) -> None:
    door = client.app.state.door
    if changed.get("sensor") == "28-00006b1ac6b8":  # hangs in a home of another estate
        changed = {
            "sensor": next(
                row["sensor"]
                for row in door.directory().assignments()
                if row["target"] == "h0040-r1"
            )
        }
    before = door.registry.version()
    answer = client.post("/install?lang=en", data=answers(volunteer, **changed))
    assert answer.status_code == 200 and words in answer.text
    assert door.registry.version() == before


def test_nobody_hangs_a_sensor_in_another_estate(client: TestClient, volunteer: SignedIn) -> None:
    assert client.post("/install", data=answers(volunteer, home="h0040")).status_code == 404
    assert client.get("/install/h0040-r1").status_code == 404


@given(st.binary(min_size=6, max_size=6))
def test_every_way_of_writing_a_sensor_is_understood(serial: bytes) -> None:
    name = f"28-{serial.hex()}"
    for typed in (name, name.upper(), f" 28 {serial.hex()} ", f"28{serial.hex()}"):
        assert sensor_of(typed) == name


@given(st.text(max_size=30))
def test_what_is_no_sensor_is_refused(typed: str) -> None:
    try:
        found = sensor_of(typed)
    except NotInstalled:
        return
    assert len(found) == 15 and found[2] == "-"


def step(client: TestClient, **answers: str) -> str:
    return client.get("/install", params={"lang": "en", **answers}).text


def test_the_steps_follow_one_another_and_what_was_answered_travels_along(
    client: TestClient, volunteer: SignedIn
) -> None:
    assert "Step 1 of 5" in step(client)
    text = step(client, node="n0001")
    assert "Step 2 of 5" in text and 'name="node" value="n0001"' in text
    text = step(client, node="n0001", typed="28 0000DEADBEEF")
    assert "Step 3 of 5" in text and f'name="sensor" value="{NEW}"' in text
    assert "h0001" in text and "h0040" not in text
    text = step(client, node="n0001", sensor=NEW, home="h0001", use="kitchen")
    assert "Step 4 of 5" in text and 'name="home" value="h0001"' in text
    assert client.app.state.door.registry.version() == client.app.state.door.directory().version


@pytest.mark.parametrize(
    ("answers", "number", "words"),
    [
        ({"node": "n9999"}, 1, "no box with this number"),
        ({"node": "n0040"}, 1, "no box with this number"),
        ({"node": "n0001", "typed": "28-123"}, 2, "begins with 28"),
        ({"node": "n0001", "sensor": NEW, "home": "h0040", "use": "kitchen"}, 3, "no such home"),
        ({"node": "n0001", "sensor": NEW, "home": "h0001", "use": "attic"}, 3, "choose the room"),
    ],
)
def test_a_step_that_cannot_be_taken_is_asked_again(
    client: TestClient, volunteer: SignedIn, answers: dict[str, str], number: int, words: str
) -> None:
    text = step(client, **answers)
    assert f"Step {number} of 5" in text and words in text


def test_a_sensor_that_answers_is_chosen_and_one_of_another_estate_is_not_named(
    client: TestClient, volunteer: SignedIn
) -> None:
    config = client.app.state.door.config
    rows = client.app.state.door.directory().assignments()
    own, foreign = (
        next(row["sensor"] for row in rows if row["target"] == room)
        for room in ("h0001-r1", "h0040-r1")
    )
    config.enrolment.book.parent.mkdir(parents=True, exist_ok=True)
    boxes = Boxes(config.enrolment.book, LedgerReader(config.state.ledger))
    boxes._connection.executemany(
        "INSERT INTO heard VALUES ('sample', 'n0001', ?, ?, ?)",
        [(one, Quality.GOOD, NOW_S) for one in (own, foreign, NEW)]
        + [("28-00000bad0bad", Quality.CRC_ERROR, NOW_S)],
    )
    boxes.close()
    text = step(client, node="n0001")
    assert text.index(NEW) < text.index(own)
    assert "hangs already" in text and foreign not in text and "0bad" not in text


def test_the_label_of_a_box_that_hangs_nowhere_leads_to_hanging_it(
    client: TestClient, volunteer: SignedIn
) -> None:
    new = {"id": "n0099", "district": "sample", "interval_seconds": 300}
    client.app.state.door.registry.put({"node": [new]})
    assert "/install?node=n0099" in client.get("/node/n0099").text
    assert "Step 2 of 5" in step(client, node="n0099")
    sign_in(client, Role.RESIDENT, "h0001")
    assert client.get("/node/n0099").status_code == 404
    sign_in(client, Role.STREET, "st-songhua")
    assert client.get("/node/n0099").status_code == 404
