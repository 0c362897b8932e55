"""Suppliers assessed from verdicts, findings, cases, complaints and ratings."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from heatward_collector.assessment import Period, assess
from heatward_collector.assessment.red_cards import Card, card_of, reasons
from heatward_collector.assessment.sheets import printed, sheets_of
from heatward_collector.cases import CaseStore
from heatward_collector.commands.assess import assess as assess_command
from heatward_collector.complaints.beside_readings import Closure
from heatward_collector.conclusions.findings import FindingStore
from heatward_collector.conclusions.verdicts import DayVerdict
from heatward_collector.core.cases import CaseKind, Event, HeatPlace, What
from heatward_collector.core.suppression import Certainty, Finding, Kind, Level
from heatward_collector.locale import CHINESE, ENGLISH, texts
from heatward_collector.refund import open_books
from heatward_collector.refund.selection import above
from heatward_collector.rules.assessment import load_limits
from heatward_node.errors import ConfigurationError
from support.season_books import SeasonBooks, moment

SAY = texts(ENGLISH)
MONTH = Period(date(2021, 12, 1), date(2021, 12, 31))
BEGUN = moment("2021-12-05 22:00")
LIMITS = load_limits("demo")


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    """Return a December in which Beichen's homes were cold, and Qingsong's warm but for one."""
    books = SeasonBooks(tmp_path_factory.mktemp("books"))
    opened = open_books(books.config)
    directory, verdicts = opened.directory, []
    for home in directory.homes:
        cold = above(directory, "supplier", home) == "su-beichen" or home == "h0001"
        for number in range(10):
            day = MONTH.first + timedelta(days=number)
            word = "below" if cold else "met"
            rule = "harbin-2021-10-29"
            verdicts.append(DayVerdict("home", home, day, word, rule, {"coverage": 1.0}))
            facts = {"coverage": 1.0, "degree_hours": 30.0 if cold else 0.0}
            verdicts.append(DayVerdict("room", f"{home}-r1", day, word, rule, facts))
    opened.close()
    books.record(verdicts)
    findings = FindingStore(books.config.state.findings)
    said = Finding(
        kind=Kind.STOP_START,
        level=Level.SOURCE,
        place="so-beichen",
        start_s=BEGUN,
        end_s=BEGUN + 7200,
        detected_s=BEGUN + 3600,
        certainty=Certainty.HIGH,
        buildings=("b009", "b010"),
        affected=(),
        homes_judged=8,
        homes_silent=0,
        rule="homes_fall_together",
    )
    declared = replace(said, detected_s=BEGUN + 99_999, certainty=Certainty.DECLARED)
    findings.record([said, declared], (BEGUN, BEGUN + 10**6), 0, 1)
    findings.close()
    store = CaseStore(books.registry.database)
    event = Event(
        What.OPENED,
        BEGUN + 3600,
        kind=CaseKind.STOP_START,
        where=HeatPlace(Level.SOURCE, "so-beichen"),
        sign="x",
        revision=1,
        begun_s=BEGUN,
        homes=("h0040",),
        buildings=("b009",),
    )
    with store.change() as change:
        case = change.open(event)
        change.record(case.number, Event(What.REACHED_SUPPLIER, BEGUN + 7200))
        change.record(case.number, Event(What.ACKNOWLEDGED, BEGUN + 7200 + 12 * 3600, by="Li"))
    complaint = {"address": None, "text": None, "channel": None, "home": None, "recorded_s": 0}
    books.put(
        complaint=[
            {"id": "k1", "received_s": BEGUN, "building": "b009", "state": "open",
             "closed_s": None, **complaint},
        ],
        office_rating=[
            {"street": "st-dingxiang", "supplier": "su-beichen", "month": date(2021, 12, 1),
             "points": 55.0, "rated_by": "Zhao", "note": None},
        ],
    )  # fmt: skip
    return books


@pytest.fixture(scope="module")
def assessed(books):
    opened = open_books(books.config)
    found = {one.id: one for one in assess(opened, CaseStore(books.registry.database), MONTH)}
    opened.close()
    return found


def test_each_supplier_is_assessed_by_its_own_homes(assessed):
    cold, warm = assessed["su-beichen"], assessed["su-qingsong"]
    assert (cold.passed.rate, cold.passed.high) == (0.0, 0.0)
    assert warm.passed.below == 10
    assert cold.degree_hours == 30.0
    assert cold.coverage == pytest.approx(10 / 31)
    assert assessed["sample"].registered == cold.registered + warm.registered
    assert assessed["harbin"].passed.judged == cold.passed.judged + warm.passed.judged


def test_findings_that_accuse_cases_complaints_and_ratings_are_the_suppliers_own(assessed):
    cold, warm = assessed["su-beichen"], assessed["su-qingsong"]
    assert (dict(cold.findings), dict(warm.findings)) == ({Kind.STOP_START: 1}, {})
    assert (cold.cases, cold.still_open, cold.response_hours) == (1, 1, 12.0)
    assert (warm.cases, warm.response_hours) == (0, None)
    assert cold.complaints == Closure(1, 0, None)
    assert (cold.rating, warm.rating) == (55.0, None)


def test_a_red_card_has_its_reasons_and_a_poor_sample_gives_none_for_its_rate(assessed):
    cold, warm = assessed["su-beichen"], assessed["su-qingsong"]
    assert card_of(cold, LIMITS) is Card.RED
    told = reasons(cold, LIMITS, SAY)
    assert told == [
        "complaints not closed: 1",
        "answers take 12.0 h (limit 10 h)",
        "late start, early stop or stop-start: 1",
    ]
    assert card_of(warm, LIMITS) is Card.UNKNOWN
    sound = replace(
        cold, lacking=(), findings={}, complaints=Closure(0, 0, None), response_hours=None
    )
    assert reasons(sound, LIMITS, SAY) == ["pass rate certainly below 90 %"]
    wide = replace(sound, passed=replace(sound.passed, high=0.95, low=0.4))
    assert card_of(wide, LIMITS) is Card.WATCH
    good = replace(sound, passed=replace(sound.passed, high=1.0, low=0.95))
    assert card_of(good, LIMITS) is Card.NONE
    assert card_of(cold, {}) is Card.RED


@pytest.mark.parametrize("language", [CHINESE, ENGLISH])
def test_the_same_figures_stand_in_the_workbook_and_on_paper(books, assessed, language):
    opened, say = open_books(books.config), texts(language)
    everybody = list(assessed.values())
    sheets = sheets_of(everybody, LIMITS, MONTH, opened, say)
    assert [len(sheet.rows) for sheet in sheets] == [2, 1, 1, 2]
    paper = printed(everybody, LIMITS, MONTH, opened, 0, say)
    assert paper.startswith(b"%PDF")
    opened.close()


def test_the_command_writes_both_files_for_a_month(books, tmp_path):
    files = ["--xlsx", str(tmp_path / "a.xlsx"), "--pdf", str(tmp_path / "a.pdf")]
    options = ["-c", str(books.file), "--lang", "en"]
    result = CliRunner().invoke(
        assess_command, ["--month", "2021-12", *options, *files], catch_exceptions=False
    )
    assert "Beichen Heating (sample): pass rate 0.0 % (0.0 to 0.0)" in result.output
    assert len(load_workbook(tmp_path / "a.xlsx").sheetnames) == 4
    assert (tmp_path / "a.pdf").exists()
    assert CliRunner().invoke(assess_command, options).exit_code == 2
    later = CliRunner().invoke(assess_command, ["--season", "2099", *options])
    assert "has not begun" in str(later.exception)


def test_limits_are_read_strictly(tmp_path):
    table = tmp_path / "limits.toml"
    table.write_text("[harbin]\npass_rate = 1.5\nred = 1\nresponse_hours = 8\n")
    with pytest.raises(ConfigurationError) as refused:
        load_limits("harbin", table)
    text = str(refused.value)
    assert all(word in text for word in ("pass_rate", "red", "response_hours_source"))
    assert load_limits("nowhere") == {}
