"""The public board of an estate: for everybody, and never about a home."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from heatward_collector.api.app import create_app
from heatward_collector.api.buildings.board_pages import share_of, whole_of
from heatward_collector.api.city.facts import Judgement
from heatward_collector.config import parse
from heatward_collector.registry import open_registry, spreadsheets
from support.findings_board import PaperFindingRoom
from support.street import NOW_S, PaperReadingRoom, building

SAMPLE = Path(spreadsheets.__file__).with_name("sample")
ONE = replace(building(1, Judgement.BELOW, 18.0, below=2, homes=8), id="b001")
FEW = replace(building(2, Judgement.BELOW, 18.2, below=3, homes=3), id="b002")
ALONE = replace(building(4, Judgement.BELOW, 18.2, below=3, homes=3), id="b009")


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    config = parse(f'[state]\ndirectory = "{tmp_path}"\n[web]\nhost = "0.0.0.0"')
    spreadsheets.import_folder(open_registry(config), SAMPLE)
    app = create_app(
        config, PaperReadingRoom((ONE, FEW, ALONE)), lambda: float(NOW_S), PaperFindingRoom()
    )
    return TestClient(app, base_url="https://heat.example", follow_redirects=False)


def test_everybody_may_read_it(client: TestClient) -> None:
    text = client.get("/board/es-jiangpan?lang=en").text
    for words in (
        "2 of 8 homes were too cold",
        ">2 of 8<",
        "fewer than 5 homes",
        "At least 20.0 °C",
        "Qingsong Heating (sample)",
        "0451-00000021",
        "0451-00000031",
        "12345",
        'class="qr"',
    ):
        assert words in text, words
    for secret in ("0 of 3", "18.2", "18.0 °C", "h0001", "王示例"):
        assert secret not in text, secret


def test_an_estate_of_few_homes_has_no_figures(client: TestClient) -> None:
    text = client.get("/board/es-dingxiang?lang=en").text
    assert "Too few homes are measured" in text
    assert "3 homes measured" in text
    assert "05:00\N{EN DASH}09:00, 16:00\N{EN DASH}22:00." in text


def test_an_estate_that_is_not_there_is_not_found(client: TestClient) -> None:
    assert client.get("/board/nowhere").headers["location"].startswith("/login")


def test_estates_are_compared_worst_first_where_five_homes_were_judged(
    client: TestClient,
) -> None:
    text = client.get("/board?lang=en").text
    assert "25 %" in text
    assert text.index("/board/es-jiangpan") < text.index("/board/es-dingxiang")


def test_no_building_of_few_homes_can_be_told_by_subtraction() -> None:
    three = replace(FEW, id="b003")
    assert whole_of("x", "", [ONE, FEW]).judged == 8
    assert whole_of("x", "", [ONE, FEW]).homes == 11
    assert whole_of("x", "", [ONE, FEW, three]).judged == 14
    assert whole_of("x", "", [FEW, three]).judged == 6
    assert whole_of("x", "", [FEW]).judged is None


def test_a_share_needs_five_judged_homes() -> None:
    assert share_of("x", "", [FEW]).share is None
    assert share_of("x", "", [ONE]).share == 0.25
    assert share_of("x", "", [FEW, ONE]).cold == 5
    assert share_of("x", "", []).homes == 0
    assert share_of("x", "", [replace(ONE, last_day=None)]).share is None
