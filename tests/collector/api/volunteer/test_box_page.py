"""The page of a box: what a volunteer with a phone is told, and in which order."""

import re

import pytest
from fastapi.testclient import TestClient

from heatward_collector.accounts import Role
from heatward_collector.api.app import create_app
from heatward_collector.api.volunteer import box_page
from heatward_collector.api.volunteer.box_page import Box, box_of
from heatward_collector.conclusions.placements import PlacementStore, SaidDoubt
from heatward_collector.config import parse
from heatward_collector.core.placement import DoubtKind
from heatward_collector.enrolment.boxes import Boxes, Heard
from heatward_collector.ledger import LedgerReader
from heatward_collector.registry import open_registry, spreadsheets
from heatward_node.reading import Quality
from heatward_node.wiring_words import NO_SENSOR_FOUND, STALLED, finding_of
from support.evidence import BEDROOM, LIVING, NEIGHBOUR, SAMPLE
from support.findings_board import PaperFindingRoom
from support.sample_pages import sample_on_paper
from support.signed_in import sign_in
from support.street import NOW_S

FIRST, SECOND = "28-000000000001", "28-000000000002"
OWN = (LIVING, BEDROOM)
"""The sensors that are registered at n0001."""


@pytest.mark.parametrize(
    ("words", "box"),
    [
        ([], Box("n0001", None, (), ())),
        ([Heard(FIRST, Quality.GOOD, 100)], Box("n0001", 100, (FIRST,), ())),
        (
            [Heard("", Quality.SENSOR_GONE, 100), Heard(FIRST, Quality.GOOD, 100 - 3600)],
            Box("n0001", 100, (), (NO_SENSOR_FOUND,)),
        ),
        (
            [Heard("", Quality.BUS_STALLED, 50), Heard(FIRST, Quality.GOOD, 100)],
            Box("n0001", 100, (FIRST,), ()),
        ),
        ([Heard("", Quality.BUS_STALLED, 50)], Box("n0001", 50, (), (STALLED,))),
        (
            [Heard(FIRST, Quality.ALL_ZERO, 100), Heard(SECOND, Quality.GOOD, 100)],
            Box("n0001", 100, (SECOND,), (finding_of(Quality.ALL_ZERO, FIRST),)),
        ),
    ],
)
def test_the_last_words_come_to_a_box(words, box):
    assert box_of("n0001", words) == box


@pytest.fixture
def site(tmp_path):
    config = parse(
        f'[state]\ndirectory = "{tmp_path}"\n[web]\nhost = "0.0.0.0"\n'
        f'[enrolment]\nname = "heat.example"\ndirectory = "{tmp_path}/authority"\n'
    )
    spreadsheets.import_folder(open_registry(config), SAMPLE)
    app = create_app(config, now=lambda: float(NOW_S), findings=PaperFindingRoom())
    client = TestClient(app, base_url="https://heat.example", client=("203.0.113.7", 1))
    sign_in(client, Role.VOLUNTEER, "es-jiangpan")
    config.enrolment.directory.mkdir()
    boxes = Boxes(config.enrolment.book, LedgerReader(config.state.ledger))

    def hear(sensor, quality, seconds_ago):
        boxes._connection.execute(
            "INSERT INTO heard VALUES ('sample', 'n0001', ?, ?, ?)",
            (sensor, quality, NOW_S - seconds_ago),
        )

    client.placements = config.state.placements
    yield client, hear
    boxes.close()


def test_a_box_that_was_never_heard_is_explained_by_its_light(site):
    client, _ = site
    text = client.get("/node/n0001").text
    assert "还没有收到" in text
    assert "黄线" in text
    assert "/static/wiring/wiring.zh.svg" in text


def test_where_no_book_of_boxes_is_kept_the_readings_of_its_rooms_tell(tmp_path):
    config = parse(f'[state]\ndirectory = "{tmp_path}"\n[rules]\ncity = "demo"')
    spreadsheets.import_folder(open_registry(config), SAMPLE)
    client = TestClient(
        create_app(config, sample_on_paper(), lambda: float(NOW_S), PaperFindingRoom())
    )
    text = client.get("/node/n0001").text
    assert "一切正常" in text
    assert "还没有收到" not in text
    sign_in(client, Role.VOLUNTEER, "es-jiangpan")
    assert LIVING in client.get("/install?node=n0001").text


def test_a_fault_comes_with_its_picture_and_remedy_in_both_languages(site):
    client, hear = site
    hear(FIRST, Quality.ALL_ZERO, 60)
    chinese, english = client.get("/node/n0001").text, client.get("/node/n0001?lang=en").text
    assert "断电" in chinese and "/static/wiring/all_zero.zh.svg" in chinese
    assert "Switch off" in english and "/static/wiring/all_zero.en.svg" in english
    assert client.get("/static/wiring/all_zero.zh.svg").status_code == 200


def test_a_box_that_is_fine_says_so_and_shows_no_temperature(site):
    client, hear = site
    for sensor in OWN:
        hear(sensor, Quality.GOOD, 60)
    text = client.get("/node/n0001").text
    assert "一切正常" in text
    assert "℃" not in text
    assert "/static/wiring/" not in text


def test_probes_of_other_boxes_and_lost_ones_are_told_with_what_to_do(site):
    client, hear = site
    hear(NEIGHBOUR, Quality.GOOD, 60)
    hear(FIRST, Quality.GOOD, 60)
    hear(LIVING, Quality.GOOD, 60)
    chinese, english = client.get("/node/n0001").text, client.get("/node/n0001?lang=en").text
    assert f"传感器 {NEIGHBOUR} 是测温盒 n0002 的" in chinese
    assert f"传感器 {FIRST} 还没有登记" in chinese
    assert f"传感器 {BEDROOM} 没有应答" in chinese
    assert f"Sensor {NEIGHBOUR} belongs to box n0002" in english
    assert "something to do about a sensor" in english
    assert "一切正常" not in chinese
    assert LIVING not in chinese


def test_a_box_that_fell_silent_is_not_called_fine(site):
    client, hear = site
    hear(FIRST, Quality.GOOD, box_page.SILENT_AFTER_S + 60)
    text = client.get("/node/n0001").text
    assert "一切正常" not in text
    assert "绿灯" in text


def test_a_box_of_another_estate_or_of_nobody_is_not_there(site):
    client, _ = site
    for node in ("n0040", "n9999", "N1"):
        assert client.get(f"/node/{node}").status_code == 404


def test_a_probe_that_hangs_badly_is_told_as_advice_and_a_warm_hand_is_not(site):
    client, hear = site
    hear(FIRST, Quality.GOOD, 60)
    store = PlacementStore(client.placements)
    seen = (NOW_S - 7200, NOW_S - 3600)
    for kind in DoubtKind:
        doubt = SaidDoubt("h0001-r1", kind, *seen, 3.0, {"rise_kelvin": 4.2}, NOW_S, NOW_S)
        store.record([doubt], (0, NOW_S), NOW_S)  # and what was said before is taken back
        chinese, english = client.get("/node/n0001").text, client.get("/node/n0001?lang=en").text
        says = kind is not DoubtKind.HAND_WARMED
        assert ("/static/wiring/placement.zh.svg" in chinese) is says, kind
        assert len(re.findall("A sensor seems to|Two sensors seem to", english)) == says, kind
        assert "4.2" not in chinese + english
        client.cookies.delete("heatward_language")
    store.close()
    assert "placement" not in client.get("/node/n0002").text
