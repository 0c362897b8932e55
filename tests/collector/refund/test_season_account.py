"""A season's refunds from the registry and the verdicts, to the fen."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from heatward_collector.commands.refund import refund
from heatward_collector.conclusions.findings import FindingStore
from heatward_collector.config import Rules
from heatward_collector.core.suppression import Certainty, Finding, Kind, Level
from heatward_collector.errors import HeatwardError, RegistryError
from heatward_collector.locale import texts
from heatward_collector.refund import Books, SeasonAccounts, accounts, open_books
from heatward_collector.refund.money import yuan
from heatward_collector.refund.season_sheets import notes_of
from heatward_collector.refund.selection import chosen_homes
from heatward_collector.rules import CITIES
from support.season_books import SeasonBooks, checked, moment, room_day, told

NOW = float(moment("2022-05-01 00:00"))
FIRST = date(2021, 10, 20)
SEASON = 183


@pytest.fixture
def books(tmp_path):
    return SeasonBooks(tmp_path)


def days(first: str, last: str) -> list[date]:
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    return [begin + timedelta(days=n) for n in range((end - begin).days + 1)]


def settled(books: SeasonBooks, *homes: str, now: float = NOW, **more) -> SeasonAccounts:
    opened = open_books(books.config)
    try:
        return accounts(opened, homes, 2021, now, **more)
    finally:
        opened.close()


def certain_yuan(season: SeasonAccounts) -> list[float | None]:
    return [yuan(amount) for amount in season.account.yuan[0]]


def test_days_count_from_the_day_of_the_notice_and_the_worst_room_decides(books):
    # h0001 has 88.5 m2: 88.5 x 38.32 / 183 = 18.53180 yuan a day.
    cold = days("2021-10-30", "2021-11-08")
    books.record([room_day("h0001-r1", day, 21.0) for day in cold])
    books.record([room_day("h0001-r2", day, 19.0) for day in cold])
    books.put(resident_notice=[told("t1", "h0001", "2021-11-02 09:30")])
    season = settled(books, "h0001")
    assert season.account.days[0, 0].tolist() == [0, 0, 0, 7, 0]
    assert season.account.days_not_notified[0, 0].tolist() == [0, 0, 0, 3, 0]
    assert certain_yuan(season) == [64.86]  # 7 x 0.5 x 18.53180 = 64.8613
    assert season.account.judged_days.tolist() == [10]


def test_silence_suspended_service_and_days_to_come_are_told_apart(books):
    books.record([room_day("h0005-r1", date(2020, 11, 1), 12.0)])
    season = settled(books, "h0005", "h0001", now=float(moment("2021-10-25 12:00")))
    # h0005 is suspended from 2020-10-20 on: nothing of it is judged.
    assert season.account.judged_days.tolist() == [0, 0]
    assert season.measured.suspended[0].all()
    assert not season.measured.suspended[1].any()
    assert (~season.measured.waiting[1]).sum() == 5


def test_a_provisional_day_waits(books):
    verdict = room_day("h0001-r1", date(2021, 11, 1), 15.0)
    books.record([replace(verdict, provisional=True)])
    season = settled(books, "h0001")
    assert season.account.judged_days.tolist() == [0]
    assert season.measured.waiting[0].sum() == 1


def test_a_late_reading_changes_the_account_by_a_new_revision(books):
    day = date(2021, 11, 10)
    books.put(resident_notice=[told("t1", "h0001", "2021-11-08 00:00")])
    books.record([room_day("h0001-r1", one, 19.0) for one in days("2021-11-08", "2021-11-12")])
    before = certain_yuan(settled(books, "h0001"))
    books.record([room_day("h0001-r1", day, 15.0)], judged_at=99)
    assert before == [46.33]  # 5 x 0.5
    assert certain_yuan(settled(books, "h0001")) == [55.6]  # 4 x 0.5 + 1 = 3 x 18.53180


def test_only_a_certified_measurement_by_three_parties_in_its_hours_is_official(books):
    cold = days("2021-11-01", "2021-11-06")
    books.record([room_day("h0001-r1", day, 19.0) for day in cold])
    books.put(
        resident_notice=[told("t1", "h0001", "2021-11-01 08:00")],
        spot_check=[
            checked("c1", "h0001-r1", "2021-11-03 18:00", 15.9),
            checked("c2", "h0001-r1", "2021-11-04 11:00", 15.0),
            checked("c3", "h0001-r1", "2021-11-05 18:00", 15.0, supplier_person=None),
            checked("c4", "h0001-r1", "2021-11-06 18:00", 15.0, certificate=None),
        ],
    )
    season = settled(books, "h0001")
    assert season.account.official_days[0].tolist() == [0, 0, 0, 0, 1]
    assert yuan(season.account.yuan_official[0]) == 18.53


def test_a_late_start_gives_whole_days_back_to_every_home_of_the_building(books):
    store = FindingStore(books.config.state.findings)
    start, heat = moment("2021-10-20 00:00"), moment("2021-10-23 15:00")
    finding = Finding(
        kind=Kind.LATE_START,
        level=Level.BUILDING,
        place="b001",
        start_s=start,
        end_s=None,
        detected_s=start + 86_400,
        certainty=Certainty.HIGH,
        buildings=("b001",),
        affected=("h0001",),
        homes_judged=4,
        homes_silent=0,
        rule="heat_late",
        evidence={"heat_on_s": heat},
    )
    store.record([finding], (start, start + 10 * 86_400), 0, 1)
    store.close()
    season = settled(books, "h0001", "h0007")
    assert season.account.unheated_days.tolist() == [3, 0]
    assert certain_yuan(season) == [55.6, 0.0]


def with_meter(books: SeasonBooks, home: str = "h0001") -> None:
    row = next(row for row in books.registry.rows("home") if row["id"] == home)
    books.put(home=[{**row, "metered": True}])


def test_a_metered_home_waits_for_its_tariff_and_an_own_fee_replaces_the_rules(books):
    with_meter(books)
    season = settled(books, "h0001", "h0002", yuan_per_m2=18.3)
    assert "is not set: write it into the rules file, under [[city.winter]]" in (
        season.homes[0].remark
    )
    assert season.homes[1].remark == ""
    assert [yuan(one.day_fee) for one in season.homes] == [None, 7.8]


WINTER = """\
[[harbin.winter]]
from = 2021-10-20
to = 2022-04-20
source = "office"
fee_yuan_per_m2 = 40.0
fee_source = "office"
fee_certainty = "high"
metered_fixed_yuan_per_m2 = 19.37
metered_yuan_per_gj = 39.14
metered_at_most_by_area = true
metered_source = "office"
metered_certainty = "high"

[beijing]
"""


def test_the_offices_prices_of_a_winter_settle_a_metered_home_by_both_parts(books, tmp_path):
    own = tmp_path / "rules.toml"
    own.write_text(CITIES.read_text("utf-8").replace("[beijing]\n", WINTER, 1), "utf-8")
    books.config = replace(books.config, rules=Rules("harbin", own))
    with_meter(books)
    with_meter(books, "h0002")
    halves = [("2021-10-20", "2021-12-31", 4000.0), ("2022-01-01", "2022-04-20", 2000.0)]
    books.put(
        resident_notice=[told("t1", "h0001", "2021-11-02 09:30")],
        heat_meter=[
            {
                "home": "h0001",
                "from_day": date.fromisoformat(first),
                "to_day": date.fromisoformat(last),
                "kilowatt_hours": heat,
            }
            for first, last, heat in halves
        ],
    )
    cold = days("2021-11-02", "2021-11-08")
    books.record([room_day("h0001-r1", day, 19.0) for day in cold])
    season = settled(books, "h0001", "h0002")
    # 88.5 m2 x 19.37 = 1,714.245; 6,000 kWh = 21.6 GJ x 39.14 = 845.424; both 2,559.669 yuan, less
    # than 88.5 x 40 = 3,540; a day 13.98726; seven days at one half.
    assert yuan(season.homes[0].day_fee) == 13.99
    assert certain_yuan(season)[0] == 48.96
    assert season.homes[0].remark == ""
    assert season.homes[1].remark.startswith("no reading of the meter")
    opened = open_books(books.config)
    notes = "\n".join(notes_of(season, opened, texts("en")))
    opened.close()
    assert "With a meter: 19.37 yuan a square metre and 0.1409 yuan a kilowatt-hour" in notes
    # Another winter has none of these prices.
    assert opened.standard.tariff_of(2022) is None
    assert opened.standard.fee_of(2022) is not None


def test_homes_are_chosen_by_place_and_unknown_places_are_refused(books):
    opened: Books = open_books(books.config)
    directory = opened.directory
    assert "h0001" in chosen_homes(directory, building="b001")
    assert set(chosen_homes(directory, estate="es-jiangpan")) < set(directory.homes)
    assert chosen_homes(directory, ["h0002", "h0002"]) == ("h0002",)
    with pytest.raises(RegistryError, match="b999"):
        chosen_homes(directory, building="b999")
    opened.close()


def test_the_command_writes_csv_and_xlsx_with_every_day_and_its_revision(books, tmp_path):
    cold = days("2021-10-27", "2021-11-01")
    books.record([room_day("h0001-r1", day, 17.0) for day in cold], batch=12)
    books.put(resident_notice=[told("t1", "h0001", "2021-10-27 08:00")])
    arguments = ["-c", str(books.file), "--home", "h0001", "--season", "2021", "--lang", "en"]
    files = ["--days", "--csv", str(tmp_path / "a.csv"), "--xlsx", str(tmp_path / "a.xlsx")]
    result = CliRunner().invoke(refund, [*arguments, *files], catch_exceptions=False)
    # 2 days x 0.3 + 4 days x 0.5 = 2.6 x 18.53180.
    assert "indicated 48.18 to 48.18 yuan" in result.output
    table = csv.reader(io.StringIO((tmp_path / "a.csv").read_text("utf-8-sig")))
    head, *rows = list(table)
    assert [row[0] for row in rows] == [day.isoformat() for day in cold]
    assert [row[head.index("Certain, yuan")] for row in rows] == ["5.56"] * 2 + ["9.27"] * 4
    assert {row[head.index("Revision")] for row in rows} == {"1"}
    assert {row[head.index("Ledger batch")] for row in rows} == {"12"}
    workbook = load_workbook(tmp_path / "a.xlsx")
    assert len(workbook.sheetnames) == 2


def test_money_is_rounded_half_up_once():
    assert yuan(0.125) == 0.13
    assert yuan(float("nan")) is None


def test_a_verdict_by_a_rule_that_is_no_longer_in_the_table_is_no_silent_zero(books):
    verdict = room_day("h0001-r1", date(2021, 11, 1), 15.0)
    books.record([replace(verdict, rule="harbin-1999-01-01")])
    with pytest.raises(HeatwardError, match="harbin-1999"):
        settled(books, "h0001")
