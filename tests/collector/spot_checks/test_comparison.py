"""Measurements on site beside their sensors, and the correction that follows from now on."""

from __future__ import annotations

from datetime import date

import pytest
from click.testing import CliRunner

from heatward_collector.commands.spot_checks import spot_checks
from heatward_collector.registry import Registry
from heatward_collector.spot_checks.official import (
    EXCLUDED_HOUR,
    MISSING_NAMES,
    NO_CERTIFICATE,
    OTHER_ROOM,
    WRONG_HEIGHT,
    doubts,
)
from support.evidence import BEDROOM, LIVING, PaperNode
from support.judged_world import START, JudgedWorld, day_of_readings
from support.season_books import HARBIN, checked

ROOM = "h0001-r2"


@pytest.fixture
def world(tmp_path):
    """Return a folder in which the bedroom of h0001 stood at 18.0, uncalibrated."""
    world = JudgedWorld(tmp_path)
    node = PaperNode(1)
    world.arrive(node, [node.boot()])
    world.arrive(node, day_of_readings(node, BEDROOM, 18.0))
    world.arrive(node, day_of_readings(node, LIVING, 18.0))
    world.judge()
    (tmp_path / "collector.toml").write_text(f'[state]\ndirectory = "{tmp_path}"\n')
    return world


def run(world, *arguments):
    options = ["-c", str(world.folder / "collector.toml"), "--lang", "en"]
    return CliRunner().invoke(spot_checks, [*arguments, *options])


def measured(world, *rows):
    world.registry.put({"spot_check": [checked(*row, certificate_until=None) for row in rows]})


def test_a_check_is_shown_beside_the_median_of_its_quarter_of_an_hour(world):
    measured(world, ("c1", ROOM, "2026-01-02 18:00", 17.4), ("c2", ROOM, "2026-01-05 18:00", 17.4))
    lines = run(world, "compare").output.splitlines()
    assert "on site 17.4 °C, sensor 18 °C, difference −0.6 K; official" in lines[0]
    assert "no reading" in lines[1]


def test_checks_correct_a_sensor_from_now_on_and_only_when_asked(world):
    measured(
        world,
        ("c1", ROOM, "2026-01-02 06:30", 17.4),
        ("c2", ROOM, "2026-01-02 07:30", 17.5),
        ("c3", ROOM, "2026-01-02 18:00", 17.3),
    )
    before = world.registry.rows("calibration")
    preview = run(world, "correct", ROOM)
    assert "−0.6 K by 3 checks, from now on −0.6 K, u 0.21 K" in preview.output
    assert world.registry.rows("calibration") == before
    assert run(world, "correct", ROOM, "--yes").exit_code == 0
    row = next(row for row in world.registry.rows("calibration") if row["sensor"] == BEDROOM)
    assert row["from_s"] > START + 86_400
    assert (row["offset_kelvin"], row["uncertainty_kelvin"]) == (-0.6, 0.21)
    assert "c1, c2, c3" in row["certificate"]
    # The day that was measured stands as it was, and the same checks correct nothing twice.
    assert world.registry.changes_after(0)[-1].from_s == row["from_s"]
    assert "no usable checks" in str(run(world, "correct", ROOM).exception)


def test_a_certificate_is_not_overruled_by_one_visit(world):
    measured(world, ("c1", "h0001-r1", "2026-01-02 18:00", 17.0))
    assert "certificate knows better" in str(run(world, "correct", "h0001-r1").exception)


@pytest.mark.parametrize(
    ("change", "use", "why"),
    [
        ({"certificate": None}, "bedroom", [NO_CERTIFICATE]),
        ({"certificate_until": date(2021, 1, 1)}, "bedroom", [NO_CERTIFICATE]),
        ({"office_person": None}, "bedroom", [MISSING_NAMES]),
        ({"height_m": 2.2}, "bedroom", [WRONG_HEIGHT]),
        ({"height_m": None}, "bedroom", []),
        ({}, "kitchen", [OTHER_ROOM]),
        ({}, "living_room", []),
    ],
)
def test_what_keeps_a_measurement_from_being_official_is_said(change, use, why):
    row = checked("c", ROOM, "2021-12-02 18:00", 17.0, **change)
    assert doubts(row, use, HARBIN) == why


@pytest.mark.parametrize(
    ("hour", "is_excluded"), [("09:59", False), ("10:00", True), ("13:59", True), ("14:00", False)]
)
def test_the_hours_around_noon_are_not_official(hour, is_excluded):
    row = checked("c", ROOM, f"2021-12-02 {hour}", 17.0)
    assert doubts(row, "bedroom", HARBIN) == ([EXCLUDED_HOUR] if is_excluded else [])


def test_a_measurement_is_put_down_once(world):
    arguments = (
        "add",
        "--id",
        "c9",
        "--room",
        ROOM,
        "--celsius",
        "17.2",
        "--at",
        "2026-01-02 12:00",
        "--instrument",
        "TM-1",
        "--height",
        "1.4",
    )
    said = run(world, *arguments)
    assert "hours without official measurements" in said.output
    assert "no valid certificate" in said.output
    assert "c9" in str(run(world, *arguments).exception)
    registry = Registry(f"sqlite:///{world.folder / 'registry.sqlite'}")
    assert [row["celsius"] for row in registry.rows("spot_check")] == [17.2]
    registry.close()
    assert "h9" in str(run(world, *arguments[:3], "--room", "h9", *arguments[5:]).exception)
