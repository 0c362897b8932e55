"""A resident's own pages: rooms, the text for 12345, the export, stopping for good."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient

from heatward_collector.accounts import Role
from heatward_collector.api.app import create_app
from heatward_collector.api.city.facts import Curve, Judgement
from heatward_collector.api.resident.complaint_text import complaint
from heatward_collector.api.words.formats import Formats
from heatward_collector.config import parse
from heatward_collector.locale import texts
from heatward_collector.registry import open_registry, spreadsheets
from support.findings_board import PaperFindingRoom
from support.signed_in import SignedIn, sign_in
from support.street import NOW_S, RULE, PaperReadingRoom, building

SAMPLE = Path(spreadsheets.__file__).with_name("sample")
OWN, OTHER = "h0001-r1", "h0002-r1"


class RoomOfTheSample(PaperReadingRoom):
    """Answers for the rooms of the sample registry with the first room on paper."""

    def room(self, room_id: str, days: int):
        return super().room("r-0101-bedroom", days)


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    config = parse(f'[state]\ndirectory = "{tmp_path}"')
    spreadsheets.import_folder(open_registry(config), SAMPLE)
    room = RoomOfTheSample((building(1, Judgement.BELOW, 17.6, below=6, now=17.1),))
    app = create_app(config, room, lambda: float(NOW_S), PaperFindingRoom())
    return TestClient(app, base_url="http://127.0.0.1", follow_redirects=False)


@pytest.fixture
def resident(client: TestClient) -> SignedIn:
    return sign_in(client, Role.RESIDENT, "h0001")


def test_a_resident_starts_at_home(client: TestClient, resident: SignedIn) -> None:
    assert client.get("/").headers["location"] == "/home"
    text = client.get("/home?lang=en").text
    assert text.count('class="verdict-box') == 2
    assert '<svg class="chart narrow"' in text
    assert 'href="/building/' not in text


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.CITY])
def test_nobody_else_has_a_home_here(client: TestClient, role: Role) -> None:
    sign_in(client, role)
    assert client.get("/home").status_code == 404


def test_the_text_for_the_hotline_holds_what_was_measured(
    client: TestClient, resident: SignedIn
) -> None:
    text = client.get("/home/cold").text
    for words in ("（地址）", "20.0 ℃", "青松热力公司（示例）", "11月23日", "0:00 ", "12:00 "):
        assert words in text, words
    assert "15:00 " not in text[: text.index("</textarea>")]
    assert 'href="tel:12345"' in text


@pytest.mark.parametrize(
    ("judgement", "now", "says"),
    [
        (Judgement.BELOW, 21.0, "too cold"),
        (Judgement.MET, 18.6, "too cold"),
        (Judgement.MET, 21.0, "not shown less than the standard"),
        (Judgement.NOT_JUDGEABLE, None, "not given a verdict yet"),
    ],
)
def test_the_text_makes_no_home_colder_than_it_was_measured(
    judgement: Judgement, now: float | None, says: str
) -> None:
    file = PaperReadingRoom((building(1, Judgement.BELOW, 17.6, now=17.1),)).room(
        "r-0101-bedroom", 1
    )
    assert file is not None and file.room.last_day is not None
    day = replace(file.room.last_day, judgement=judgement)
    file = replace(file, room=replace(file.room, last_day=day, celsius_now=now))
    empty = Curve(np.empty(0, np.int64), np.empty(0))
    text = complaint([file], [empty], RULE, None, Formats(texts("en"), RULE.zone), NOW_S)
    assert says in text.splitlines()[0]


def test_a_home_is_told_what_may_come_back(client: TestClient, resident: SignedIn) -> None:
    text = client.get("/home?lang=en").text
    assert "Refund, estimated" in text
    assert "could be judged: 0; days that count for a refund: 0." in text
    assert text.index("a text for 12345") < text.index("<section"), "what to do comes first"
    assert "A certified measurement by the street office decides" in text


def test_the_export_is_one_s_own_and_is_logged(client: TestClient, resident: SignedIn) -> None:
    answer = client.get("/home/readings.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == ["time_utc", "room", "use", "celsius"]
    assert len(rows) > 1000
    assert "attachment" in answer.headers["content-disposition"]
    (deed,) = client.app.state.door.accounts.audit.newest(9)
    assert (deed.role, deed.action) == (Role.RESIDENT, "GET /home/readings.csv")


def test_stopping_ends_the_assignments_of_this_home_and_the_account(
    client: TestClient, resident: SignedIn
) -> None:
    assert client.post("/home/stop", data={"sure": "yes"}).status_code == 403
    assert client.post("/home/stop", data={"csrf": resident.csrf}).headers["location"] == (
        "/home/stop"
    )
    before = client.app.state.door.directory().sensors_at(NOW_S)
    answer = client.post("/home/stop", data={"csrf": resident.csrf, "sure": "yes"})
    assert answer.status_code == 200
    directory = client.app.state.door.directory()
    gone = {
        directory.points[point].home for point in before if point not in directory.sensors_at(NOW_S)
    }
    assert gone == {"h0001"}
    assert client.get("/home").headers["location"].startswith("/login")
    deed = client.app.state.door.accounts.audit.newest(1)[0]
    assert (deed.action, deed.target) == ("POST /home/stop", "home=h0001 sensors=2")


def test_a_home_without_sensors_is_a_page(client: TestClient) -> None:
    sign_in(client, Role.RESIDENT, "gone")
    assert "No sensor hangs in your home" in client.get("/home?lang=en").text
    assert client.get("/home/cold").status_code == 200
