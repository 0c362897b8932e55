"""The reading room over real stores: what registry, window, series and verdicts say together."""

import time
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient

from heatward_collector.accounts import Role
from heatward_collector.api.app import create_app
from heatward_collector.api.city.facts import Judgement
from heatward_collector.api.city.newest_readings import (
    grouped_maximum,
    grouped_median,
    latest_readings,
)
from heatward_collector.api.city.standing import Standing, standing_of
from heatward_collector.api.city.stored_reading_room import (
    LONGEST_SECONDS,
    SURVEY_SECONDS,
    StoredReadingRoom,
)
from heatward_collector.api.words.overview import ranked
from heatward_collector.config import Config
from heatward_collector.outdoor.temperatures import OutdoorStore, OutdoorValue
from support.measured_street import HOMES, MeasuredStreet, registry_rows, rooms
from support.signed_in import sign_in

NOW_S = int(datetime(2026, 11, 24, 5, 5, tzinfo=UTC).timestamp())
TODAY, YESTERDAY, BEFORE = (date(2026, 11, day) for day in (24, 23, 22))
BEDROOMS = [f"b-large-{home}-bedroom" for home in range(HOMES["b-large"])]


class Clock:
    def __init__(self) -> None:
        self.now_s = float(NOW_S)

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def street(tmp_path: Path) -> MeasuredStreet:
    return MeasuredStreet(tmp_path, NOW_S)


def open_room(street: MeasuredStreet, clock: Clock | None = None) -> StoredReadingRoom:
    return StoredReadingRoom(street.config, clock or Clock())


def signed_in(config: Config) -> TestClient:
    client = TestClient(create_app(config, now=Clock()), base_url="http://127.0.0.1")
    sign_in(client, Role.OPERATOR)
    return client


def warm(street: MeasuredStreet, celsius: float = 21.0, ago_s: float = 120) -> None:
    street.measure({room: celsius for room, *_ in rooms()}, [NOW_S - ago_s])


def test_an_empty_state_folder_is_a_page_not_an_error(tmp_path: Path) -> None:
    street = MeasuredStreet(tmp_path / "full", NOW_S)
    empty = replace(street.config, state=replace(street.config.state, directory=tmp_path / "new"))
    survey = StoredReadingRoom(empty, Clock()).survey()
    assert (survey.buildings, survey.heard_at, survey.outdoor_celsius) == ((), None, None)
    assert survey.outdoor_source == ""
    page = signed_in(empty).get("/?lang=en")
    assert page.status_code == 200
    assert "No building is registered yet" in page.text


def test_the_median_is_of_homes_and_of_covered_rooms_only(street: MeasuredStreet) -> None:
    celsius = {room: 18.0 + home for home, room in enumerate(BEDROOMS)}
    kitchens = {room: 30.0 for room, _, _, use in rooms() if use == "kitchen"}
    street.measure({**celsius, **kitchens, "o": -12.5}, [NOW_S - 600])
    survey = open_room(street).survey()
    large = next(b for b in survey.buildings if b.id == "b-large")
    # The first home's sensor is calibrated by -0.5 K: 17.5, 19, 20, 21, 22, 23.
    assert large.median_now == 20.5
    assert (large.homes, large.heard_at) == (6, NOW_S - 600)
    assert (survey.outdoor_celsius, survey.outdoor_source) == (-12.5, "sensors")
    assert (large.name.zh, large.name.en) == ("b-large-zh", "b-large-en")


def test_without_sensors_outdoors_a_weather_service_is_shown_under_its_name(
    street: MeasuredStreet,
) -> None:
    warm(street)
    imported = OutdoorStore(street.registry)
    imported.put("d", [OutdoorValue(NOW_S - 1800, -17.0, "weather.example")])
    survey = open_room(street).survey()
    assert (survey.outdoor_celsius, survey.outdoor_source) == (-17.0, "weather.example")
    street.registry.put({"outdoor": [{**street.registry.rows("outdoor")[0], "shaded": False}]})
    street.measure({"o": 3.0}, [NOW_S - 60])
    assert open_room(street).survey().outdoor_source == "weather.example"


def test_a_day_shows_its_weather_and_who_measured_it(street: MeasuredStreet) -> None:
    warm(street)
    street.judge("building", "b-large", YESTERDAY, "met", outdoor=-18.2, outdoor_source="sensors")
    street.judge("building", "b-small", YESTERDAY, "met", outdoor=None, outdoor_source="")
    client = signed_in(street.config)
    assert "−18.2 ℃<small>背阴传感器</small>" in client.get("/building/b-large").text
    answer = client.get("/api/v1/buildings/b-small").json()
    assert answer["days"][0]["outdoor_celsius"] is None
    assert '<td class="figure minor">未知</td>' in client.get("/building/b-small").text


def test_a_reading_older_than_an_hour_is_heard_but_does_not_speak_for_now(
    street: MeasuredStreet,
) -> None:
    warm(street, ago_s=5000)
    large = next(b for b in open_room(street).survey().buildings if b.id == "b-large")
    assert (large.median_now, large.heard_at) == (None, NOW_S - 5000)


def test_the_last_whole_day_counts_and_today_is_only_provisional(street: MeasuredStreet) -> None:
    warm(street)
    counts = {"homes": 6, "homes_judged": 5, "homes_below": 4, "median": 18.5, "coverage": 0.98}
    street.judge("building", "b-large", BEFORE, "met", homes_judged=6)
    street.judge("building", "b-large", YESTERDAY, "below", **counts)
    street.judge("building", "b-large", TODAY, "met", provisional=True, homes_judged=6)
    large = next(b for b in open_room(street).survey().buildings if b.id == "b-large")
    assert large.last_day is not None and large.today is not None
    assert (large.last_day.day, large.last_day.judgement) == (YESTERDAY, Judgement.BELOW)
    assert (large.last_day.homes_below, large.last_day.homes_judged) == (4, 5)
    assert (large.today.day, large.today.judgement) == (TODAY, Judgement.MET)


def test_a_day_that_was_not_judged_after_its_end_does_not_count(street: MeasuredStreet) -> None:
    warm(street)
    street.judge("building", "b-large", YESTERDAY, "met", provisional=True)
    survey = open_room(street).survey()
    large = next(b for b in survey.buildings if b.id == "b-large")
    assert large.last_day is None
    assert standing_of(large, survey, NOW_S) is Standing.NOT_JUDGEABLE


def test_a_changed_verdict_shows_its_revision(street: MeasuredStreet) -> None:
    warm(street)
    street.judge("building", "b-large", YESTERDAY, "met", median=20.9)
    street.judge("building", "b-large", YESTERDAY, "marginal_plus", median=20.4)
    file = open_room(street).building("b-large", 7)
    assert file is not None
    assert [(day.judgement, day.revision) for day in file.days] == [(Judgement.MARGINAL_PLUS, 1)]


def test_the_curve_of_a_building_needs_five_homes(street: MeasuredStreet) -> None:
    hours = NOW_S // 3600 * 3600 - 3600 * np.arange(1, 4)
    warm(street, 21.0)
    street.measure({room: 20.0 for room in BEDROOMS}, hours + 60)
    street.measure({room: 20.0 for room in BEDROOMS[:4]}, [hours[-1] - 3500])
    curve = open_room(street).building_curve("b-large", int(hours[-1]) - 3600, NOW_S)
    assert np.isnan(curve.celsius[0])
    assert np.isfinite(curve.celsius[1:4]).all()
    small = open_room(street).building_curve("b-small", int(hours[-1]), NOW_S)
    assert np.isnan(small.celsius).all()


def test_a_room_has_its_readings_and_its_days(street: MeasuredStreet) -> None:
    warm(street, 21.0)
    street.judge("room", BEDROOMS[1], YESTERDAY, "below", mean=18.4, guard=0.96, coverage=1.0)
    room = open_room(street)
    file = room.room(BEDROOMS[1], 7)
    assert file is not None and file.room.last_day is not None
    assert (file.room.celsius_now, file.room.last_day.guard_kelvin) == (21.0, 0.96)
    curve = room.room_curve(BEDROOMS[1], NOW_S - 3600, NOW_S)
    assert (curve.time_s.tolist(), curve.celsius.tolist()) == ([NOW_S - 120], [21.0])
    assert room.room("nobody", 7) is None
    assert room.room("o", 7) is None
    assert room.building("nobody", 7) is None


def test_rooms_of_one_use_in_a_home_are_told_apart_by_number(street: MeasuredStreet) -> None:
    warm(street)
    home = BEDROOMS[1].rsplit("-", 1)[0]
    assert open_room(street).room(BEDROOMS[1], 7).room.number is None
    street.registry.put({"room": [{"id": f"{home}-z", "home": home, "use": "bedroom"}]})
    rooms = open_room(street)
    numbers = [rooms.room(one, 7).room.number for one in (BEDROOMS[1], f"{home}-z")]
    assert numbers == [1, 2]


def test_a_room_whose_home_is_suspended_does_not_count_in_its_building(
    street: MeasuredStreet,
) -> None:
    row = {"home": "b-large-0", "from_day": date(2026, 10, 20), "to_day": None}
    street.registry.put({"suspension": [row]})
    warm(street)
    large = next(b for b in open_room(street).survey().buildings if b.id == "b-large")
    assert large.homes == 5


def test_an_edit_of_the_registry_is_seen(street: MeasuredStreet) -> None:
    warm(street)
    clock = Clock()
    room = open_room(street, clock)
    assert {b.id for b in room.survey().buildings} == set(HOMES)
    renamed = dict(registry_rows()["building"][0], name_zh="renamed")
    street.registry.put({"building": [renamed]})
    assert "renamed" not in {b.name.zh for b in room.survey().buildings}
    clock.now_s += SURVEY_SECONDS + 1
    assert "renamed" in {b.name.zh for b in room.survey().buildings}


def test_where_pages_are_served_a_look_of_seconds_answers_while_the_next_is_taken(
    street: MeasuredStreet,
) -> None:
    warm(street)
    clock = Clock()
    room = StoredReadingRoom(street.config, clock, looks_ahead=True)
    first = room.survey()
    street.registry.put({"building": [dict(registry_rows()["building"][0], name_zh="renamed")]})
    clock.now_s += SURVEY_SECONDS + 1
    assert room.survey() is first
    deadline = time.monotonic() + 30
    while room.survey() is first:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert "renamed" in {b.name.zh for b in room.survey().buildings}
    newer = room.survey()
    clock.now_s += LONGEST_SECONDS + 1
    assert room.survey() is not newer


def test_a_look_takes_over_what_is_unchanged_and_sees_what_is_not(street: MeasuredStreet) -> None:
    warm(street)
    clock = Clock()
    room = open_room(street, clock)
    first = {one.id: one for one in room.survey().buildings}
    street.measure(dict.fromkeys(BEDROOMS, 16.5), [NOW_S - 60])
    clock.now_s += SURVEY_SECONDS + 1
    second = {one.id: one for one in room.survey().buildings}
    assert second["b-small"] is first["b-small"]
    assert first["b-large"].median_now != second["b-large"].median_now
    assert second["b-large"].heard_at == NOW_S - 60
    assert second == {one.id: one for one in open_room(street, clock).survey().buildings}


def test_buildings_are_ranked_once_a_look_as_they_would_be_anew(street: MeasuredStreet) -> None:
    warm(street)
    street.judge("building", "b-small", YESTERDAY, "below", homes_judged=2, homes_below=2)
    survey = open_room(street).survey()
    anew = ranked(replace(survey, ranked=None), NOW_S)
    assert survey.ranked == tuple(anew)
    assert [(one.id, standing) for one, standing in anew] == [
        ("b-small", Standing.BELOW),
        ("b-large", Standing.NOT_JUDGEABLE),
    ]


def test_of_what_was_ranked_a_street_sees_its_own(street: MeasuredStreet) -> None:
    other = {"id": "s2", "district": "d", "name_zh": "s2", "name_en": "s2"}
    street.registry.put({"street": [other]})
    warm(street)
    app = create_app(street.config, now=Clock())
    pages = {}
    for scope in ("s", "s2"):
        client = TestClient(app, base_url="http://127.0.0.1")
        sign_in(client, Role.STREET, scope)
        pages[scope] = client.get("/today").text + client.get("/").text
    assert "b-large" in pages["s"] and "b-large" not in pages["s2"]


def test_verdicts_are_read_again_when_somebody_judges(street: MeasuredStreet) -> None:
    warm(street)
    clock = Clock()
    room = open_room(street, clock)
    street.judge("building", "b-large", YESTERDAY, "met", homes_judged=6)
    days = {b.id: b.last_day for b in room.survey().buildings}
    assert days["b-large"] is not None and days["b-large"].judgement is Judgement.MET
    street.judge("building", "b-large", YESTERDAY, "below", homes_judged=6, homes_below=6)
    clock.now_s += SURVEY_SECONDS + 1
    days = {b.id: b.last_day for b in room.survey().buildings}
    assert days["b-large"] is not None and days["b-large"].judgement is Judgement.BELOW


def test_a_window_left_behind_by_a_stopped_evaluation_does_not_look_fresh(
    street: MeasuredStreet,
) -> None:
    warm(street)
    clock = Clock()
    room = open_room(street, clock)
    for hours in (3, 30, 47, 48, 49, 96):
        clock.now_s = NOW_S + hours * 3600.0
        survey = room.survey()
        assert {standing_of(b, survey, clock.now_s) for b in survey.buildings} == {
            Standing.INTERRUPTED
        }


def test_a_window_of_other_points_or_a_torn_state_is_not_believed(
    street: MeasuredStreet,
) -> None:
    warm(street)
    folder = street.config.state.window
    assert (latest_readings(folder, street.points, NOW_S).heard_at[:3] > 0).all()
    assert (latest_readings(folder, ["other"], NOW_S).heard_at < 0).all()
    (folder / "state.json").write_text('{"points"')
    assert (latest_readings(folder, street.points, NOW_S).heard_at < 0).all()


def test_grouped_medians_ignore_missing_values_and_strangers() -> None:
    values = np.array([3.0, 1.0, np.nan, 2.0, 9.0, 8.0])
    group = np.array([0, 0, 0, 0, 2, -1], np.int32)
    median = grouped_median(values, group, 3)
    assert median[0] == 2.0 and np.isnan(median[1]) and median[2] == 9.0
    assert grouped_median(np.empty(0), np.empty(0, np.int32), 0).size == 0
    largest = grouped_maximum(np.array([5, 7]), np.array([1, -1], np.int32), 2)
    assert largest.tolist() == [-1, 5]


def test_pages_over_the_stores_show_what_they_hold(street: MeasuredStreet) -> None:
    warm(street, 18.0)
    street.judge(
        "building", "b-large", YESTERDAY, "below", homes_judged=6, homes_below=6, median=18.1
    )
    client = signed_in(street.config)
    page = client.get("http://127.0.0.1/?lang=en").text
    assert "1 building is below the standard" in page
    assert "6 of 6" in page
    large = client.get("http://127.0.0.1/building/b-large").text
    assert '<svg class="chart wide"' in large and BEDROOMS[0] in large
    assert client.get(f"http://127.0.0.1/room/{BEDROOMS[0]}").status_code == 200
    series = client.get(f"http://127.0.0.1/api/v1/rooms/{BEDROOMS[1]}/series").json()
    assert series["celsius"] == [18.0]
