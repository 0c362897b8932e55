"""Today's list: worst first, since when, how cold, of how many homes, whom to call; and the map."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient

from heatward_collector.accounts import Role
from heatward_collector.api.app import create_app
from heatward_collector.api.city.facts import Building, BuildingDay, Judgement, Name
from heatward_collector.api.city.standing import Standing
from heatward_collector.api.city.whom_to_call import WhomToCall
from heatward_collector.api.today.street_map import MOST_BUILDINGS, Spot, draw, spots_of
from heatward_collector.api.today.tasks import cold_since
from heatward_collector.api.today.today_pages import MOST_TASKS
from heatward_collector.api.words.formats import Formats
from heatward_collector.config import parse
from heatward_collector.locale import ENGLISH, texts
from heatward_collector.registry import Directory, open_registry, spreadsheets
from support.findings_board import PaperFindingRoom, finding, said
from support.signed_in import sign_in
from support.street import NOW_S, PaperReadingRoom, building

SAMPLE = Path(spreadsheets.__file__).with_name("sample")
WRITE = Formats(texts(ENGLISH), ZoneInfo("Asia/Shanghai"))
BELOW, MARGINAL, MET, UNKNOWN = (
    Judgement.BELOW,
    Judgement.MARGINAL_MINUS,
    Judgement.MET,
    Judgement.NOT_JUDGEABLE,
)
WARM = replace(building(1, MET), id="b001", name=Name("一号楼", "House 1"))
COLD = replace(building(2, BELOW, 17.6, below=6, now=17.1), id="b009", name=Name("五", "House 5"))
FEW = replace(building(4, BELOW, 18.2, below=3, homes=3, now=18.0), id="b010")


def client_of(
    tmp_path: Path,
    findings: PaperFindingRoom | None = None,
    buildings: Sequence[Building] = (WARM, COLD, FEW),
) -> TestClient:
    config = parse(f'[state]\ndirectory = "{tmp_path}"')
    spreadsheets.import_folder(open_registry(config), SAMPLE)
    room = PaperReadingRoom(tuple(buildings))
    app = create_app(config, room, lambda: float(NOW_S), findings or PaperFindingRoom())
    return TestClient(app, base_url="http://127.0.0.1")


def page(client: TestClient) -> str:
    return re.sub(r"\s+", " ", client.get("/today?lang=en").text)


def test_a_cold_building_is_told_in_plain_words(tmp_path: Path) -> None:
    client = client_of(tmp_path)
    sign_in(client, Role.CITY)
    text = page(client)
    for words in (
        "House 5",
        "17.1 °C now, 2.9 degrees too cold",
        "6 of 8 homes too cold",
        "officer: 李示例",
        'href="tel:0451-00000012"',
        "supplier, day and night: Beichen Heating (sample)",
    ):
        assert words in text, words
    assert "too few homes for figures" in text
    listed = text[text.index("<tbody>") : text.index("</tbody>")]
    assert "House 1" not in listed
    for secret in ("18.0", "18.2"):
        assert secret not in text


def test_no_building_on_the_list_is_said_to_have_no_cold_home(tmp_path: Path) -> None:
    cooling = replace(building(5, MET, now=18.7), id="b009", name=Name("五", "House 5"))
    silent = replace(COLD, id="b010", name=Name("六", "House 6"), heard_at=NOW_S - 5 * 3_600)
    client = client_of(tmp_path, buildings=(cooling, silent))
    sign_in(client, Role.CITY)
    text = page(client)
    listed = text[text.index("<tbody>") : text.index("</tbody>")]
    assert "House 5" in listed and "House 6" in listed
    assert listed.count("8 homes measured") == 2
    assert "homes too cold" not in listed


def test_what_goes_on_stands_above_the_buildings(tmp_path: Path) -> None:
    said_now = said("one", finding("b009", homes=6))
    few = said("two", finding("b010", homes=2))
    client = client_of(tmp_path, PaperFindingRoom((said_now, few)))
    sign_in(client, Role.STREET, "st-dingxiang")
    text = page(client)
    assert text.index("Heat is missing right now") < text.index("Buildings to see to")
    assert "fell by 1.8 degrees" in text
    assert "6 of 6 homes with data are affected" in text
    assert text.count("fell by") == 1


def test_a_street_sees_its_own_only(tmp_path: Path) -> None:
    client = client_of(tmp_path, PaperFindingRoom((said("one", finding("b009", homes=6)),)))
    sign_in(client, Role.STREET, "st-songhua")
    text = page(client)
    assert "House 5" not in text and "b009" not in text and "李示例" not in text
    assert "There is nothing to see to" in text


def days(*judgements: Judgement) -> list[BuildingDay]:
    first = date(2026, 11, 1)
    return [
        BuildingDay(first + timedelta(days=index), one, 19.0, 1, 6, 6, 0.9)
        for index, one in enumerate(judgements)
    ]


@pytest.mark.parametrize(
    ("judgements", "first", "is_open"),
    [
        ([MET, BELOW, MARGINAL], 2, False),
        ([BELOW, BELOW], 1, True),
        ([BELOW, MET], None, False),
        ([MET, BELOW, UNKNOWN, BELOW], 2, False),
        ([MET, UNKNOWN, BELOW], 3, False),
        ([UNKNOWN, UNKNOWN], None, False),
        ([], None, False),
    ],
)
def test_since_when_it_has_been_cold(
    judgements: list[Judgement], first: int | None, is_open: bool
) -> None:
    expected = None if first is None else date(2026, 11, first)
    assert cold_since(days(*judgements)) == (expected, is_open)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Directory:
    config = parse(f'[state]\ndirectory = "{tmp_path_factory.mktemp("today")}"')
    registry = open_registry(config)
    spreadsheets.import_folder(registry, SAMPLE)
    return registry.directory()


def test_whom_to_call_is_the_newest_officer_and_the_supplier(directory: Directory) -> None:
    call = WhomToCall(directory)
    assert call.sources_of("b009") == ("so-beichen",)
    contacts = call.of_buildings(("b009",), date(2026, 11, 24))
    assert [(one.role, one.phone) for one in contacts] == [
        ("responsible_officer", "0451-00000012"),
        ("supplier", "0451-00000002"),
    ]
    before = call.of_buildings(("b009",), date(2020, 1, 1))
    assert [one.role for one in before] == ["supplier"]
    assert call.of_buildings(("nowhere",), date(2026, 11, 24)) == ()


def spot(latitude: float, longitude: float, standing: Standing, label: str = "No. 1") -> Spot:
    return Spot(latitude, longitude, standing, label, f"{label} <b>", "/building/b")


def test_the_map_has_north_up_one_scale_and_the_worst_on_top() -> None:
    svg = draw(
        [
            spot(45.70, 126.60, Standing.BELOW, "south"),
            spot(45.71, 126.60, Standing.MET, "north"),
            spot(45.70, 126.60 + 0.01 / 0.6984, Standing.MET, "east"),
        ],
        WRITE,
        "Map",
    )
    wide = svg.split("</svg>")[0]
    places = {
        name: (float(x), float(y))
        for name, x, y in re.findall(r'aria-label="(\w+) .*?cx="([\d.]+)" cy="([\d.]+)"', wide)
    }
    assert places["north"][0] == places["south"][0]
    assert places["east"][1] == places["south"][1]
    up = places["south"][1] - places["north"][1]
    right = places["east"][0] - places["south"][0]
    assert up > 100 and abs(up - right) < 1
    assert wide.rindex('class="below"') > wide.rindex('class="met"')
    assert "<b>" not in svg and "style=" not in svg


def test_names_on_the_map_never_cross() -> None:
    crowd = [spot(45.7 + n * 1e-5, 126.6, Standing.MET, f"Number {n}") for n in range(20)]
    wide = draw(crowd, WRITE, "Map").split("</svg>")[0]
    boxes = [float(y) for y in re.findall(r'class="label" x="[\d.]+" y="([-\d.]+)"', wide)]
    assert 0 < len(boxes) < 20
    assert all(abs(a - b) >= 14 for i, a in enumerate(boxes) for b in boxes[:i])
    assert wide.count("<title>") == 20


def test_a_map_of_nothing_is_nothing_and_one_place_is_a_map(directory: Directory) -> None:
    assert draw([], WRITE, "Map") == ""
    assert "circle" in draw([spot(45.7, 126.6, Standing.MET)], WRITE, "Map")
    assert spots_of([], directory, WRITE) == []


def test_of_very_many_buildings_estates_are_drawn(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    from heatward_collector.api.today import street_map

    assert MOST_BUILDINGS == 150
    order = [(WARM, Standing.MET), (COLD, Standing.BELOW), (FEW, Standing.BELOW)]
    order = [
        (replace(one, estate=Name("a" if one is WARM else "b", "")), standing)
        for one, standing in order
    ]
    assert len(spots_of(order, directory, WRITE)) == 3
    monkeypatch.setattr(street_map, "MOST_BUILDINGS", 2)
    estates = spots_of(order, directory, WRITE)
    assert [one.standing for one in estates] == [Standing.MET, Standing.BELOW]
    assert "2 of 2 buildings below" in estates[1].title


def test_of_very_many_estates_streets_are_drawn(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    from heatward_collector.api.today import street_map

    monkeypatch.setattr(street_map, "MOST_BUILDINGS", 2)
    order = [
        (replace(one, estate=Name(f"e{number}", ""), street=Name(street, "")), standing)
        for number, (one, standing, street) in enumerate(
            [
                (COLD, Standing.BELOW, "south"),
                (WARM, Standing.MET, "south"),
                (FEW, Standing.COLD_NOW, "north"),
            ]
        )
    ]
    south, north = spots_of(order, directory, WRITE)
    assert (south.label, south.standing) == ("south", Standing.BELOW)
    assert "1 of 2 buildings below" in south.title and south.address == "/building/b009"
    assert (north.label, north.standing) == ("north", Standing.COLD_NOW)


def test_a_finding_is_on_the_list_as_soon_as_it_is_said_and_leaves_with_its_end(
    tmp_path: Path,
) -> None:
    findings = PaperFindingRoom()
    client = client_of(tmp_path, findings)
    sign_in(client, Role.CITY)
    assert "Heat is missing right now" not in page(client)
    findings.findings = (said("one", finding(homes=9)),)
    assert "Heat is missing right now" in page(client)
    findings.findings = (said("one", finding(homes=9, end_s=NOW_S - 600)),)
    assert "Heat is missing right now" not in page(client)


def test_findings_beyond_what_one_can_see_to_are_counted_and_reached(tmp_path: Path) -> None:
    many = [said(f"f{number}", finding("b009", homes=6)) for number in range(MOST_TASKS + 2)]
    client = client_of(tmp_path, PaperFindingRoom(many))
    sign_in(client, Role.CITY)
    text = page(client)
    assert '<a href="/findings">and 2 more</a>' in text
    assert text.count('href="/finding/f') == MOST_TASKS
