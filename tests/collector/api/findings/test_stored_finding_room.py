"""Findings from the state folder, and curves from the time series around them."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from heatward_collector.api.findings.stored_finding_room import SHOWN_DAYS, StoredFindingRoom
from heatward_collector.conclusions.findings import FindingStore
from heatward_collector.core.suppression import Certainty, Finding, Kind, Level
from heatward_collector.outdoor.temperatures import OutdoorStore, OutdoorValue
from support.measured_street import MeasuredStreet, rooms

NOW_S = int(datetime(2026, 11, 24, 5, 5, tzinfo=UTC).timestamp())
HOUR, DAY = 3600, 86_400
LARGE = [f"b-large-{home}" for home in range(6)]
OUTAGE = Finding(
    kind=Kind.OUTAGE,
    level=Level.BUILDING,
    place="b-large",
    start_s=NOW_S - 4 * HOUR,
    end_s=None,
    detected_s=NOW_S - 3 * HOUR,
    certainty=Certainty.LOW,
    buildings=("b-large",),
    affected=tuple(LARGE),
    homes_judged=6,
    homes_silent=0,
    rule="homes_fall_together",
)


@pytest.fixture
def street(tmp_path: Path) -> MeasuredStreet:
    return MeasuredStreet(tmp_path, NOW_S)


def open_room(street: MeasuredStreet) -> StoredFindingRoom:
    return StoredFindingRoom(street.config, lambda: float(NOW_S))


def record(street: MeasuredStreet, *findings: Finding) -> None:
    store = FindingStore(street.config.state.findings)
    store.record(findings, (0, 2**40), NOW_S - HOUR, 3)
    store.close()


def test_an_empty_folder_has_an_empty_board(street: MeasuredStreet) -> None:
    board = open_room(street).board()
    assert (board.findings, board.watched) == ((), None)
    assert board.names.place(Level.BUILDING, "b-large") == "e-zh b-large-zh"


def test_what_lasts_comes_first_then_what_is_over_then_what_was_withdrawn(
    street: MeasuredStreet,
) -> None:
    over = replace(OUTAGE, place="b-small", start_s=NOW_S - HOUR, end_s=NOW_S - 600)
    gone = replace(OUTAGE, place="q", level=Level.SOURCE, start_s=NOW_S - 900, end_s=NOW_S - 300)
    old = NOW_S - SHOWN_DAYS * DAY - 1
    ancient = replace(OUTAGE, detected_s=old, start_s=old - HOUR, end_s=old)
    record(street, OUTAGE, over, gone, ancient)
    record(street, OUTAGE, over, ancient)
    found = open_room(street).board().findings
    assert [one.finding.place for one in found] == ["b-large", "b-small", "q"]
    assert [one.is_withdrawn for one in found] == [False, False, True]


def test_curves_reach_until_now_while_a_finding_lasts(street: MeasuredStreet) -> None:
    times = range(NOW_S - DAY, NOW_S, 300)
    street.measure({room: 21.0 for room, *_ in rooms()}, times)
    street.measure({"o": -15.0}, times)
    curves = open_room(street).curves(OUTAGE)
    assert curves.homes.shape[1] == 6
    assert curves.fell.all()
    # The first sensor is calibrated by half a kelvin; kitchens are not looked at.
    np.testing.assert_allclose(np.nanmedian(curves.homes, axis=0), [20.5] + 5 * [21.0])
    assert NOW_S - 1800 < curves.time_s[-1] <= NOW_S
    assert curves.time_s[0] <= OUTAGE.start_s - 11 * HOUR
    np.testing.assert_allclose(curves.outdoor, -15.0)
    assert np.isnan(curves.peers).all(), "two homes are no control group"


def test_imported_weather_is_drawn_where_no_sensor_hangs(street: MeasuredStreet) -> None:
    values = [OutdoorValue(NOW_S - hour * HOUR, -9.0, "service") for hour in range(30)]
    OutdoorStore(street.registry).put("d", values)
    curves = open_room(street).curves(OUTAGE)
    np.testing.assert_allclose(curves.outdoor, -9.0)
    assert np.isnan(curves.homes).all()


def test_a_finding_that_ended_is_drawn_with_what_came_after(street: MeasuredStreet) -> None:
    ended = replace(
        OUTAGE,
        start_s=NOW_S - 3 * DAY,
        detected_s=NOW_S - 3 * DAY + HOUR,
        end_s=NOW_S - 3 * DAY + 5 * HOUR,
    )
    curves = open_room(street).curves(ended)
    assert abs(int(curves.time_s[-1]) - (NOW_S - 3 * DAY + 17 * HOUR)) <= 1800


def test_history_and_names_follow_store_and_registry(street: MeasuredStreet) -> None:
    room = open_room(street)
    record(street, OUTAGE)
    (one,) = room.board().findings
    assert [said.batch for said in room.history(one.id)] == [3]
    assert room.history("none") == ()
    building = next(r for r in street.registry.rows("building") if r["id"] == "b-large")
    street.registry.put({"building": [{**building, "name_zh": "新名"}]})
    assert room.names().place(Level.BUILDING, "b-large") == "e-zh 新名"
