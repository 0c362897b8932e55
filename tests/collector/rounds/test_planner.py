"""Today's doors from verdicts, complaints and earlier measurements."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from click.testing import CliRunner

from heatward_collector.cases import CaseStore
from heatward_collector.commands.rounds import rounds
from heatward_collector.conclusions.verdicts import DayVerdict
from heatward_collector.locale import CHINESE, ENGLISH, texts
from heatward_collector.refund import open_books
from heatward_collector.rounds import plan_round
from heatward_collector.rounds.planner import hours_of_round
from heatward_collector.rounds.sheets import printed, reasons
from support.season_books import HARBIN, SeasonBooks, checked, moment

TODAY = date(2021, 12, 4)
NOW = float(moment("2021-12-04 09:00"))


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    """Return a district with two cold homes, a silent one, and a complaint without sensors."""
    books = SeasonBooks(tmp_path_factory.mktemp("books"))
    verdicts = []
    for back in range(1, 4):
        day = TODAY - timedelta(days=back)
        for number in range(1, 46):
            home = f"h{number:04d}"
            if (home == "h0010" and back == 1) or number > 37:
                continue
            celsius = {"h0001": 17.5, "h0002": 19.0}.get(home, 21.0)
            word = "below" if celsius < 20 else "met"
            rule = "harbin-2021-10-29"
            verdicts.append(DayVerdict("home", home, day, word, rule, {"median": celsius}))
    books.record(verdicts)
    books.put(
        complaint=[
            {"id": "k1", "received_s": int(NOW) - 7200, "building": "b010", "home": None,
             "state": "open", "closed_s": None, "address": None, "text": None, "channel": None,
             "recorded_s": 0},
        ],
        spot_check=[checked("c1", "h0002-r1", "2021-12-02 18:00", 18.9)],
    )  # fmt: skip
    return books


def planned(books, **more):
    opened = open_books(books.config)
    found = plan_round(opened, CaseStore(books.registry.database), NOW, **more)
    opened.close()
    return found


def test_the_coldest_home_comes_first_and_what_was_measured_this_week_later(books):
    doors = {door.home: door for door in planned(books, most=40).doors}
    assert (doors["h0001"].below_days, doors["h0001"].lack_kelvin) == (3, 2.5)
    assert doors["h0002"].checked_days_ago == 2
    assert doors["h0010"].is_silent
    assert planned(books).doors[0].home == "h0001"
    # A building with a complaint, in which nobody was heard for days.
    assert any(
        door.building == "b010" and door.complaints for door in planned(books, most=40).doors
    )


def test_a_street_sees_its_own_doors_and_suspended_homes_are_left_out(books):
    own = planned(books, street="st-songhua", most=40).doors
    assert {door.building for door in own} <= {"b001", "b002", "b003"}
    assert "h0005" not in {door.home for door in own}


def test_reasons_and_hours_are_said(books):
    door = planned(books).doors[0]
    assert reasons(door, texts(ENGLISH)) == "below on 3 of the last days, 2.5 degrees too cold"
    slight = replace(door, lack_kelvin=0.04)
    assert reasons(slight, texts(ENGLISH)) == "below on 3 of the last days"
    assert hours_of_round(HARBIN) == [(6, 8), (16, 20)]
    assert hours_of_round(replace(HARBIN, round_hours=())) == [(6, 10), (14, 20)]
    everywhere = replace(HARBIN, round_hours=(), excluded_hours=None)
    assert hours_of_round(everywhere) == [(6, 20)]


@pytest.mark.parametrize("language", [CHINESE, ENGLISH])
def test_the_paper_is_a_pdf(books, language):
    opened = open_books(books.config)
    found = plan_round(opened, CaseStore(books.registry.database), NOW)
    assert printed(found, opened, int(NOW), texts(language)).startswith(b"%PDF")
    assert printed(replace(found, doors=()), opened, 0, texts(language)).startswith(b"%PDF")
    opened.close()


def test_the_command_refuses_an_unknown_street_and_finds_nothing_years_later(books, tmp_path):
    options = ["-c", str(books.file), "--lang", "en"]
    assert "st-none" in str(CliRunner().invoke(rounds, [*options, "--street", "st-none"]).exception)
    target = tmp_path / "r.pdf"
    result = CliRunner().invoke(rounds, [*options, "--pdf", str(target)], catch_exceptions=False)
    assert "06:00–08:00" in result.output
    assert target.exists()
