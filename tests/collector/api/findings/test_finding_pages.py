"""Pages and JSON of findings: what is said, on what it rests, and what nobody may see."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from heatward_collector.accounts import Role
from heatward_collector.api.app import create_app
from heatward_collector.conclusions.findings import Watched
from heatward_collector.config import parse
from support.findings_board import WATCHED, PaperFindingRoom, every_state, finding, said
from support.signed_in import sign_in
from support.street import NOW_S, PaperReadingRoom, every_standing

KEYS = [one.id for one in every_state()]
OPEN, SOURCE, FEW, OVER, DECLARED, WITHDRAWN, OF_HOME = KEYS


def client_of(
    tmp_path: Path,
    findings: PaperFindingRoom | None = None,
    text: str = "",
    role: Role = Role.OPERATOR,
) -> TestClient:
    config = parse(f'[state]\ndirectory = "{tmp_path}"\n{text}')
    room = PaperReadingRoom(every_standing())
    board = findings or PaperFindingRoom(every_state())
    app = create_app(config, room, lambda: float(NOW_S), board)
    client = TestClient(app, base_url="http://127.0.0.1:8080")
    sign_in(client, role)
    return client


def page(client: TestClient, path: str, language: str = "en") -> str:
    response = client.get(f"{path}?lang={language}")
    assert response.status_code == 200, path
    return response.text


def headline(text: str) -> str:
    found = re.search(r'<h1 id="headline">(.*?)</h1>', text)
    assert found is not None
    return found[1]


def test_what_goes_on_comes_first_and_withdrawn_ones_last(tmp_path: Path) -> None:
    text = page(client_of(tmp_path), "/findings")
    places = [text.index(f"/finding/{key}") for key in (OPEN, OVER, WITHDRAWN)]
    assert places == sorted(places)
    assert headline(text) == "Too little heat comes to 3 places now"
    assert text.index("Going on now") < text.index("Over, of the last two weeks")
    assert "corrected 2 times" in text


def test_the_list_of_buildings_points_to_what_goes_on(tmp_path: Path) -> None:
    pointer = '<p class="pointer alarm"><a href="/findings">Too little heat comes to 3 places now'
    assert pointer in page(client_of(tmp_path), "/")
    assert "pointer" not in page(client_of(tmp_path, PaperFindingRoom()), "/")


def test_chinese_comes_first(tmp_path: Path) -> None:
    text = client_of(tmp_path).get("/findings").text
    assert headline(text) == "现在有 3 处供热异常"
    assert "登记的 45 户中，最近一天有 43 户的读数可用" in text
    assert "不指责任何人" in text


def test_nobody_is_accused_where_the_cause_is_unknown_or_was_declared(tmp_path: Path) -> None:
    client = client_of(tmp_path)
    for key, badge in ((FEW, "cause unknown"), (DECLARED, "as declared")):
        text = page(client, f"/finding/{key}")
        assert badge in text
        assert "nobody is accused" in text
        assert "badge below" not in text
    assert "badge below" in page(client, f"/finding/{OPEN}")


@pytest.mark.parametrize(
    ("findings", "watched", "mood", "words"),
    [
        ((), WATCHED, "calm", "No suppressed heating is found at the moment"),
        ((), None, "quiet", "Nobody has looked for suppressed heating yet"),
        ((), replace(WATCHED, looked_at=NOW_S - 7200), "quiet", "stands still"),
        ((), replace(WATCHED, homes_heard=3), "quiet", "Too few homes report"),
        (every_state()[2:3], WATCHED, "watch", "the cause is not known"),
        (every_state()[4:6], WATCHED, "calm", "No suppressed heating is found"),
    ],
)
def test_the_headline_is_calm_only_where_enough_was_looked_at(
    tmp_path: Path, findings: tuple, watched: Watched | None, mood: str, words: str
) -> None:
    text = page(client_of(tmp_path, PaperFindingRoom(findings, watched)), "/findings")
    assert f'class="summary {mood}"' in text
    assert words in headline(text)


def test_an_empty_list_says_on_how_much_it_rests(tmp_path: Path) -> None:
    text = page(client_of(tmp_path, PaperFindingRoom()), "/findings")
    assert "It rests on readings of 43 of 45 homes in the last day." in text
    assert "The outdoor temperature is known." in text
    assert "Nothing was found in the last two weeks." in text
    dark = PaperFindingRoom((), replace(WATCHED, outdoor_known=0.1, homes_heard=2))
    text = page(client_of(tmp_path, dark), "/findings")
    assert "The outdoor temperature is not known" in text
    assert "At least 4 homes are needed" in text


def test_a_finding_tells_its_life_with_equal_steps_together(tmp_path: Path) -> None:
    text = page(client_of(tmp_path), f"/finding/{OVER}")
    assert "first said" in text
    assert re.search(r"went on <small>2 times</small>", text)
    assert "corrected by readings or records that came later" in text
    assert "/building/b-04" in text
    assert "This was said once" in page(client_of(tmp_path), f"/finding/{WITHDRAWN}")


@pytest.mark.parametrize("path", ["/finding/none", "/finding/none/wide.svg", "/api/v1/findings/no"])
def test_an_unknown_finding_is_not_found(tmp_path: Path, path: str) -> None:
    assert client_of(tmp_path).get(path).status_code == 404


def test_a_building_shows_what_touches_it(tmp_path: Path) -> None:
    client = client_of(tmp_path)
    text = page(client, "/building/b-02")
    assert f"/finding/{OPEN}" in text
    assert f"/finding/{SOURCE}" in text
    assert f"/finding/{OVER}" not in text
    assert f"/finding/{OPEN}/wide.svg" in text
    assert "Nothing is found that touches this building" in page(client, "/building/b-01")
    assert f"/finding/{WITHDRAWN}" not in page(client, "/building/b-06")


@pytest.mark.parametrize("size", ["phone", "wide"])
def test_a_picture_may_load_nothing_and_is_in_the_reader_s_language(
    tmp_path: Path, size: str
) -> None:
    client = client_of(tmp_path)
    chinese = client.get(f"/finding/{OPEN}/{size}.svg")
    assert chinese.headers["content-type"] == "image/svg+xml"
    assert chinese.headers["content-security-policy"].startswith("default-src 'none'")
    assert "受影响住户的中位数" in chinese.text
    english = client.get(f"/finding/{OPEN}/{size}.svg?lang=en")
    assert "median of affected homes" in english.text
    assert client.get(f"/finding/{OPEN}/huge.svg").status_code == 404


def test_offices_see_medians_and_no_home(tmp_path: Path) -> None:
    office = client_of(tmp_path, role=Role.CITY)
    picture = office.get(f"/finding/{OPEN}/wide.svg?lang=en").text
    assert "affected homes</text>" in picture
    assert not re.search(r">affected homes<", picture)
    assert picture.count('class="median"') == 2
    assert 'class="fell"' not in picture
    own = client_of(tmp_path).get(f"/finding/{OPEN}/wide.svg?lang=en").text
    assert own.count('class="fell"') == 7


def test_below_five_homes_offices_get_no_curve_and_no_number(tmp_path: Path) -> None:
    office = client_of(tmp_path, role=Role.CITY)
    text = page(office, f"/finding/{FEW}")
    assert "Curves are shown from five homes on" in text
    assert "1.8 K" not in text
    assert office.get(f"/finding/{FEW}/wide.svg").status_code == 404
    answer = office.get(f"/api/v1/findings/{FEW}").json()["revisions"][-1]
    assert (answer["evidence"], answer["excluded"][0]["facts"]) == ({}, {})
    assert "1.8 K" in page(client_of(tmp_path), f"/finding/{FEW}")
    assert client_of(tmp_path).get(f"/finding/{FEW}/wide.svg").status_code == 200


def test_a_finding_on_one_home_is_for_those_who_may_see_homes(tmp_path: Path) -> None:
    office = client_of(tmp_path, role=Role.CITY)
    assert OF_HOME not in page(office, "/findings")
    assert OF_HOME not in page(office, "/building/b-02")
    for path in (f"/finding/{OF_HOME}", f"/finding/{OF_HOME}/wide.svg"):
        assert office.get(path).status_code == 404
    assert OF_HOME not in office.get("/api/v1/findings").text
    assert OF_HOME in page(client_of(tmp_path), "/findings")


def test_the_api_says_what_the_pages_say(tmp_path: Path) -> None:
    answer = client_of(tmp_path, role=Role.CITY).get("/api/v1/findings").json()
    assert answer["demo"] is False
    assert answer["watched"]["homes_heard"] == 43
    by_key = {one["id"]: one for one in answer["findings"]}
    assert set(by_key) == set(KEYS) - {OF_HOME}
    newest = by_key[OPEN]
    assert (newest["state"], newest["kind"], newest["accuses"]) == ("open", "outage", True)
    assert (newest["homes_affected"], newest["homes_judged"]) == (6, 6)
    assert newest["homes"] is None
    assert newest["evidence"] == {"drop_kelvin": 1.75, "heat_ratio": None}
    assert newest["zh"] != newest["en"]
    assert by_key[WITHDRAWN]["state"] == "withdrawn"
    assert by_key[OVER]["state"] == "ended"
    assert by_key[DECLARED]["accuses"] is False


def test_the_operator_gets_the_opaque_ids_and_every_revision(tmp_path: Path) -> None:
    revisions = client_of(tmp_path).get(f"/api/v1/findings/{OVER}").json()["revisions"]
    assert [one["change"] for one in revisions] == ["said", "grew", "grew", "revised"]
    assert revisions[-1]["corrections"] == 2
    assert revisions[0]["homes"] == [f"04{number:02d}" for number in range(1, 7)]


def test_before_the_first_look_the_api_says_so(tmp_path: Path) -> None:
    board = PaperFindingRoom((), None)
    answer = client_of(tmp_path, board).get("/api/v1/findings").json()
    assert answer == {"demo": False, "watched": None, "findings": []}


def test_many_buildings_are_named_up_to_four(tmp_path: Path) -> None:
    many = tuple(f"b-{number:02d}" for number in range(7))
    one = said("acute-source-q-9", replace(finding(), level="source", place="q", buildings=many))
    text = page(client_of(tmp_path, PaperFindingRoom([one])), "/findings")
    assert "b-03, 3 more buildings" in text
