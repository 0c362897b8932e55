"""Pages and JSON API over a street on paper."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from heatward_collector.accounts import Role
from heatward_collector.api.app import create_app
from heatward_collector.api.city.facts import Curve, Judgement, Name
from heatward_collector.config import Config, parse
from heatward_collector.errors import StoreError
from support.signed_in import sign_in
from support.street import NOW_S, PaperReadingRoom, building, every_standing

PAGES = ("/", "/building/b-02", "/room/r-0201-bedroom", "/findings", "/status", "/nowhere")


def client_of(
    tmp_path: Path,
    text: str = "",
    room: PaperReadingRoom | None = None,
    base_url: str = "http://127.0.0.1:8080",
    client: tuple[str, int] = ("127.0.0.1", 50000),
    role: Role | None = Role.OPERATOR,
) -> TestClient:
    config: Config = parse(f'[state]\ndirectory = "{tmp_path}"\n{text}')
    app = create_app(config, room or PaperReadingRoom(every_standing()), now=lambda: float(NOW_S))
    asking = TestClient(app, base_url=base_url, client=client, follow_redirects=False)
    if role is not None:
        sign_in(asking, role)
    return asking


DEMO = '[rules]\ncity = "demo"'


@pytest.mark.parametrize("path", PAGES)
def test_every_page_of_a_demo_says_so_in_both_languages(tmp_path: Path, path: str) -> None:
    for language in ("zh", "en"):
        page = client_of(tmp_path, DEMO).get(f"{path}?lang={language}").text
        assert "演示数据 / demo data" in page


@pytest.mark.parametrize("path", PAGES)
def test_no_page_of_a_real_collector_says_demo(tmp_path: Path, path: str) -> None:
    assert "demo data" not in client_of(tmp_path).get(path).text


def test_chinese_is_the_default_and_a_chosen_language_stays(tmp_path: Path) -> None:
    client = client_of(tmp_path)
    first = client.get("/")
    assert '<html lang="zh-CN">' in first.text
    assert "2 栋楼不达标" in first.text
    assert '<html lang="en">' in client.get("/?lang=en").text
    assert "2 buildings are below the standard" in client.get("/").text


def test_an_unknown_language_falls_back_to_chinese(tmp_path: Path) -> None:
    response = client_of(tmp_path).get("/?lang=fr")
    assert '<html lang="zh-CN">' in response.text
    assert "set-cookie" not in response.headers


def test_the_list_is_worst_first_with_its_denominators(tmp_path: Path) -> None:
    page = client_of(tmp_path).get("/?lang=en").text
    order = [page.index(f"/building/b-0{n}") for n in (8, 2, 3, 4, 6, 7, 1)]
    assert order == sorted(order)
    assert "6 of 8" in page
    assert "Outdoors −14.3 °C (shaded sensors)." in page


def test_without_an_outdoor_source_the_page_says_so(tmp_path: Path) -> None:
    room = PaperReadingRoom(every_standing(), outdoor_celsius=None)
    assert "没有室外温度来源" in client_of(tmp_path, room=room).get("/").text


def test_stale_data_leave_no_green_on_any_page(tmp_path: Path) -> None:
    room = PaperReadingRoom((building(1, Judgement.MET, heard_ago=3 * 3600),))
    client = client_of(tmp_path, DEMO, room)
    page = client.get("/").text
    assert "数据中断" in page
    assert 'class="badge met' not in page and "summary calm" not in page
    assert "verdict-box interrupted" in client.get("/building/b-01").text
    assert "verdict-box interrupted" in client.get("/room/r-0101-bedroom").text
    answer = client.get("/api/v1/buildings").json()
    assert answer["stale"] is True
    assert answer["buildings"][0]["standing"] == "interrupted"
    assert answer["buildings"][0]["median_now_celsius"] is None


def test_below_five_homes_no_temperature_leaves_the_house(tmp_path: Path) -> None:
    few = building(8, Judgement.BELOW, 18.25, below=3, homes=4, now=17.75)
    client = client_of(tmp_path, room=PaperReadingRoom((few,)), role=Role.CITY)
    for path in ("/", "/building/b-08", "/api/v1/buildings", "/api/v1/buildings/b-08"):
        text = client.get(path).text
        for secret in ("18.2", "18.3", "17.7", "17.8", "polyline"):
            assert secret not in text, (path, secret)
    assert client.get("/api/v1/buildings/b-08").json()["building"]["standing"] == "below"


OUTSIDE = '[web]\nhost = "0.0.0.0"'
LOCAL = "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("text", "base_url", "client", "headers", "expected"),
    [
        ("", LOCAL, "127.0.0.1", {}, 200),
        ("", "http://localhost:8080", "::1", {}, 200),
        ("", LOCAL, "10.0.0.7", {}, 303),
        ("", "http://heat.example", "127.0.0.1", {}, 303),
        ("", LOCAL, "127.0.0.1", {"X-Forwarded-For": "8.8.8.8"}, 303),
        ("", LOCAL, "127.0.0.1", {"Via": "1.1 proxy"}, 303),
        (OUTSIDE, LOCAL, "127.0.0.1", {}, 303),
        (DEMO, "http://heat.example", "10.0.0.7", {}, 200),
    ],
)
def test_without_an_account_only_this_machine_may_look(
    tmp_path: Path,
    text: str,
    base_url: str,
    client: str,
    headers: dict[str, str],
    expected: int,
) -> None:
    asked = client_of(tmp_path, text, base_url=base_url, client=(client, 50000), role=None)
    answer = asked.get("/", headers=headers)
    assert answer.status_code == expected
    if expected == 303:
        assert answer.headers["location"] == "/login?next=/"
        machine = asked.get("/api/v1/buildings", headers=headers)
        assert (machine.status_code, machine.headers["www-authenticate"]) == (401, "Bearer")


def test_looking_without_an_account_ends_with_the_first_account(tmp_path: Path) -> None:
    client = client_of(tmp_path, role=None)
    assert client.get("/").status_code == 200
    client.app.state.door.accounts.people.add("li", "Li", Role.CITY, secret="a password")
    assert client.get("/").status_code == 303


@pytest.mark.parametrize(
    ("text", "role", "expected"),
    [
        ("", Role.OPERATOR, 200),
        ("", Role.CITY, 404),
        ("", None, 404),
        (DEMO, None, 200),
    ],
)
def test_single_rooms_are_shown_in_a_demo_or_to_the_operator_only(
    tmp_path: Path, text: str, role: Role | None, expected: int
) -> None:
    asked = client_of(tmp_path, text, role=role)
    for path in ("/room/r-0201-bedroom", "/api/v1/rooms/r-0201-bedroom/series"):
        assert asked.get(path).status_code == expected
    page = asked.get("/building/b-02").text
    assert ("r-0201-bedroom" in page) is (expected == 200)


def test_a_room_that_is_hidden_and_one_that_is_not_there_look_the_same(tmp_path: Path) -> None:
    client = client_of(tmp_path, role=Role.CITY)
    hidden, absent = client.get("/room/r-0201-bedroom"), client.get("/room/nobody")
    assert hidden.status_code == absent.status_code == 404
    assert hidden.text.replace("r-0201-bedroom", "nobody") == absent.text
    stranger = client_of(tmp_path, OUTSIDE, role=None)
    hidden, absent = stranger.get("/building/b-02"), stranger.get("/building/nobody")
    assert hidden.status_code == absent.status_code == 303
    assert hidden.headers["location"].replace("b-02", "nobody") == absent.headers["location"]


def test_a_room_says_its_verdict_and_its_uncertainty(tmp_path: Path) -> None:
    page = client_of(tmp_path).get("/room/r-0201-bedroom?lang=en").text
    assert "mean 18.4 °C, lowest 17.1 °C; 9.5 h below 20.0 °C; coverage 98 %" in page
    assert "at least 0.71 K under the standard (95 % one-sided, sensor not calibrated)" in page
    assert '<svg class="chart wide"' in page


@pytest.mark.parametrize(("hour", "words"), [(2, "时间尚早"), (9, "无法判定")])
def test_in_the_night_a_new_day_is_too_young_for_a_verdict(
    tmp_path: Path, hour: int, words: str
) -> None:
    room = PaperReadingRoom((building(1, Judgement.NOT_JUDGEABLE),))
    file = room.building("b-01", 1)
    today = replace(file.days[-1], day=date(2026, 11, 24))
    room.building = lambda _, __: replace(file, days=(today,))
    now_s = NOW_S + (hour - 13) * 3600
    app = create_app(parse(f'{DEMO}\n[state]\ndirectory = "{tmp_path}"'), room, lambda: now_s)
    page = TestClient(app).get("/building/b-01").text
    row = re.search(r"<tr><th[^>]*>11月24日.*?</tr>", page)
    assert row is not None and words in row[0]


def test_a_room_that_is_never_judged_is_no_doubtful_one(tmp_path: Path) -> None:
    room = PaperReadingRoom((building(1, Judgement.NOT_JUDGEABLE),))
    rooms = room._rooms
    room._rooms = lambda found, home: [
        replace(one, last_day=replace(one.last_day, not_judged="room_use"))
        for one in rooms(found, home)
    ]
    client = client_of(tmp_path, DEMO, room)
    for path in ("/building/b-01", "/room/r-0101-bedroom"):
        assert "不参与判定" in client.get(path).text


def test_a_series_answers_null_never_nan_and_refuses_a_backward_question(tmp_path: Path) -> None:
    client = client_of(tmp_path)
    answer = client.get("/api/v1/rooms/r-0201-bedroom/series").json()
    assert len(answer["time_s"]) == len(answer["celsius"]) > 400
    backward = f"/api/v1/rooms/r-0201-bedroom/series?start_s={NOW_S}&end_s={NOW_S - 1}"
    assert client.get(backward).status_code == 422


@pytest.mark.parametrize(
    "path", ["/building/nobody", "/room/nobody", "/x", "/building/b-02?days=x"]
)
def test_a_missing_page_is_a_page_and_a_missing_answer_is_json(tmp_path: Path, path: str) -> None:
    client = client_of(tmp_path)
    page = client.get(path)
    assert page.status_code == 404
    assert "没有这个页面" in page.text
    assert client.get("/api/v1/buildings/nobody").json() == {"detail": "Not Found"}


def test_names_from_the_registry_cannot_bring_markup_into_a_page(tmp_path: Path) -> None:
    bad = replace(building(1, Judgement.MET), name=Name("<script>x</script>", "<b>"))
    page = client_of(tmp_path, room=PaperReadingRoom((bad,))).get("/").text
    assert "<script>" not in page and "&lt;script&gt;" in page
    page = client_of(tmp_path, room=PaperReadingRoom((bad,))).get("/building/b-01").text
    assert "<script>" not in page


@pytest.mark.parametrize(
    "path", [*PAGES, "/healthz", "/metrics", "/static/heatward.css", "/api/v1/x"]
)
def test_every_answer_forbids_scripts_frames_and_foreign_sources(tmp_path: Path, path: str) -> None:
    headers = client_of(tmp_path).get(path).headers
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", PAGES)
def test_no_page_uses_scripts_or_inline_styles(tmp_path: Path, path: str) -> None:
    page = client_of(tmp_path, DEMO).get(path).text
    for forbidden in ("<script", "style=", "<style", "onclick", "http://", "https://"):
        assert forbidden not in page, forbidden


def test_the_api_describes_itself_without_a_page_that_loads_from_outside(tmp_path: Path) -> None:
    client = client_of(tmp_path)
    assert set(client.get("/api/v1/openapi.json").json()["paths"]) == {
        "/api/v1/buildings",
        "/api/v1/buildings/{building_id}",
        "/api/v1/findings",
        "/api/v1/findings/{key}",
        "/api/v1/rooms/{room_id}/series",
        "/healthz",
        "/metrics",
    }
    assert client.get("/docs").status_code == 404


def test_a_long_list_comes_in_pages_but_is_counted_whole(tmp_path: Path) -> None:
    many = tuple(building(n, Judgement.MET) for n in range(1, 251))
    client = client_of(tmp_path, room=PaperReadingRoom(many))
    pages = [client.get(f"/?lang=en&page={page}") for page in (1, 2, 3)]
    linked = [set(re.findall(r'href="/building/([^"]+)"', page.text)) for page in pages]
    assert [len(names) for names in linked] == [100, 100, 50]
    assert len(set.union(*linked)) == 250
    assert all("All 250 buildings met the standard" in page.text for page in pages)
    assert client.get("/?page=4").status_code == 404


class RoomWithoutSeries(PaperReadingRoom):
    """A reading room whose time series store is away."""

    def building_curve(self, building_id: str, start_s: int, end_s: int) -> Curve:
        raise StoreError("InfluxDB is away")

    def room_curve(self, room_id: str, start_s: int, end_s: int) -> Curve:
        raise StoreError("InfluxDB is away")


def test_pages_stand_while_the_time_series_store_is_away(tmp_path: Path) -> None:
    client = client_of(tmp_path, room=RoomWithoutSeries(every_standing()))
    for path in ("/building/b-02", "/room/r-0201-bedroom"):
        page = client.get(f"{path}?lang=en")
        assert page.status_code == 200
        assert "The readings cannot be reached at the moment" in page.text
    answer = client.get("/api/v1/rooms/r-0201-bedroom/series")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
