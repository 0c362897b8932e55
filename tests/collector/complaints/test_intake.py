"""Complaints from a hotline's export: columns remembered, buildings found, nobody's phone kept."""

from __future__ import annotations

from datetime import date

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from heatward_collector.commands.complaints import complaints
from heatward_collector.complaints import table_cells, take_in
from heatward_collector.complaints.addresses import Addresses, plain
from heatward_collector.complaints.beside_readings import closure
from heatward_collector.complaints.intake import complaint_id
from heatward_collector.complaints.table_cells import read_rows
from heatward_collector.conclusions.verdicts import DayVerdict
from heatward_collector.errors import ImportRefused
from support.season_books import ZONE, SeasonBooks, moment

HEADER = "工单编号,来电时间,诉求人,诉求地址,诉求内容,办理状态,办结时间\n"
ROWS = (
    "HRB2021-0001,2021-12-01 08:30,王某,江畔小区 1 栋 2单元301,家里只有15度 电话13912345678,已办结,"
    "2021-12-02 08:30\n"
    "HRB2021-0002,2021/12/01 09:00,李某,瑞雪家园二号楼,暖气不热,办理中,\n"
    "HRB2021-0003,2021-12-01 10:00,赵某,某处,不热,未办结,\n"
)


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    return SeasonBooks(tmp_path_factory.mktemp("books"))


def file(folder, text, name="export.csv", encoding="gb18030"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def taken(books, path, **more):
    return take_in(books.registry, path, ZONE, 1_640_000_000, **more)


def test_a_hotlines_export_is_understood_and_its_columns_are_remembered(books, tmp_path):
    path = file(tmp_path, "哈尔滨市12345工单\n" + HEADER + ROWS)
    first = taken(books, path)
    assert first.mapping == {
        "number": "工单编号",
        "received": "来电时间",
        "address": "诉求地址",
        "text": "诉求内容",
        "state": "办理状态",
        "closed": "办结时间",
    }
    assert (first.was_remembered, first.matched, first.counts.new) == (False, 2, 3)
    rows = {row["id"]: row for row in books.registry.rows("complaint")}
    one = rows["hrb2021-0001"]
    assert (one["building"], one["state"]) == ("b001", "closed")
    assert one["closed_s"] - one["received_s"] == 86_400
    assert one["text"] == "家里只有15度 电话***"
    assert rows["hrb2021-0002"]["building"] == "b005"
    assert rows["hrb2021-0003"]["state"] == "open"
    again = taken(books, path)
    assert (again.was_remembered, again.counts) == (True, (0, 0, 0))


def test_a_correction_of_the_columns_serves_the_next_file(books, tmp_path):
    text = "甲,乙,丙\nA1,2021-12-03 08:00,江畔小区3号楼\n"
    with pytest.raises(ImportRefused, match="number"):
        taken(books, file(tmp_path, text))
    corrections = {"number": "甲", "received": "乙", "address": "丙"}
    assert taken(books, file(tmp_path, text), corrections=corrections).matched == 1
    assert taken(books, file(tmp_path, text.replace("A1", "A2"))).matched == 1


def test_a_later_export_closes_what_was_open(books, tmp_path):
    text = "工单号,受理时间,状态\nB1,2021-12-05 08:00,办理中\n"
    taken(books, file(tmp_path, text))
    changed = taken(books, file(tmp_path, text.replace("办理中", "已办结")))
    assert changed.counts == (0, 1, 0)


def test_a_workbook_reads_like_a_csv(books, tmp_path):
    book = Workbook()
    book.active.append(["工单号", "受理时间", "地址"])
    book.active.append([20211206001, "2021-12-06 08:00", "白桦小区2号楼"])
    book.save(tmp_path / "a.xlsx")
    result = taken(books, tmp_path / "a.xlsx", only_look=True)
    assert [(row["id"], row["building"]) for row in result.rows] == [("20211206001", "b008")]
    assert result.counts == (0, 0, 0)


def test_every_faulty_row_is_named_and_nothing_is_taken(books, tmp_path):
    text = "工单号,受理时间,办结时间\nC1,yesterday,\n,2021-12-01 08:00,\nC3,2021-12-02,2021-12-01\n"
    before = books.registry.rows("complaint")
    with pytest.raises(ImportRefused) as refused:
        taken(books, file(tmp_path, text))
    assert [problem.split(":")[1] for problem in refused.value.problems] == ["2", "3", "4"]
    assert books.registry.rows("complaint") == before


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"", b"a,b\n1,2\n", b'"a,b,c'])
def test_what_is_no_table_is_refused(books, tmp_path, data):
    path = tmp_path / "x.csv"
    path.write_bytes(data)
    with pytest.raises(ImportRefused):
        taken(books, path)
    path.rename(tmp_path / "x.xlsx")
    with pytest.raises(ImportRefused):
        taken(books, tmp_path / "x.xlsx")


@pytest.mark.parametrize(
    ("address", "building"),
    [
        ("江畔小区1号楼2单元", "b001"),
        ("南岗区江畔小区１栋", "b001"),
        ("江畔小区一号楼", "b001"),
        ("江畔小区11号楼", None),
        ("江畔小区", None),
        ("Riverside Estate, No. 2, flat 4", "b002"),
        ("Riverside Estate No. 21", None),
        ("", None),
    ],
)
def test_an_address_names_a_building_or_none(books, address, building):
    assert Addresses(books.registry.directory()).building(address) == building


@given(st.text(max_size=40))
def test_any_address_can_be_compared(text):
    assert plain(plain(text)) is not None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.text(min_size=1, max_size=60))
def test_every_number_becomes_an_id_and_always_the_same(number):
    assert complaint_id(number) == complaint_id(number)
    assert 0 < len(complaint_id(number)) <= 32


def test_the_report_puts_complaints_beside_the_rooms_and_says_where_sensors_lack(books, tmp_path):
    books.put(
        assignment=[
            {**row, "to_s": row["from_s"] + 1} if str(row["target"]).startswith("h0") else row
            for row in books.registry.rows("assignment")
        ]
    )
    rule = "harbin-2021-10-29"
    facts = {"median": 16.2, "homes_judged": 4}
    day = DayVerdict("building", "b001", date(2021, 12, 1), "below", rule, facts)
    books.record([day])
    target = tmp_path / "r.xlsx"
    arguments = ["report", "-c", str(books.file), "--xlsx", str(target), "--lang", "en"]
    result = CliRunner().invoke(complaints, arguments, catch_exceptions=False)
    assert "hang a sensor in at least three homes" in result.output
    page = load_workbook(target).worksheets[0]
    head = [cell.value for cell in page[2]]
    lines = [dict(zip(head, (cell.value for cell in row), strict=True)) for row in page["3:9"]]
    first = next(line for line in lines if line["Number"] == "hrb2021-0001")
    assert (first["Building that day"], first["Median that day, °C"]) == ("below", 16.2)


def test_a_complaint_is_put_down_and_closed_by_hand(books):
    options = ["add", "-c", str(books.file), "--number", "9 号", "--building", "b003"]
    added = CliRunner().invoke(complaints, [*options, "--received", "2021-12-07 08:00"])
    key = added.output.strip()
    CliRunner().invoke(
        complaints,
        [*options, "--received", "2021-12-07 08:00", "--closed", "2021-12-07 20:00"],
        catch_exceptions=False,
    )
    row = next(row for row in books.registry.rows("complaint") if row["id"] == key)
    assert (row["state"], row["closed_s"]) == ("closed", moment("2021-12-07 20:00"))
    wrong = CliRunner().invoke(complaints, [*options, "--received", "soon"])
    assert "soon" in str(wrong.exception)


def test_closure_counts_what_is_closed_and_how_fast():
    rows = [
        {"state": "closed", "received_s": 0, "closed_s": 7200},
        {"state": "closed", "received_s": 0, "closed_s": None},
        {"state": "open", "received_s": 0, "closed_s": None},
    ]
    found = closure(rows)
    assert (found.received, found.closed, found.median_hours) == (3, 2, 2.0)
    assert closure([]).share is None


def test_a_broken_workbook_and_one_that_unpacks_into_too_much_are_refused(tmp_path, monkeypatch):
    book = Workbook()
    book.active.append(["number", "received", "address"])
    whole = tmp_path / "whole.xlsx"
    book.save(whole)
    data = whole.read_bytes()
    for place in range(40, len(data), 97):  # the compressed parts, the names, the index
        broken = tmp_path / "broken.xlsx"
        broken.write_bytes(data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :])
        try:
            read_rows(broken)
        except ImportRefused as refused:
            assert "broken.xlsx" in str(refused)
    monkeypatch.setattr(table_cells, "MOST_UNPACKED_BYTES", 1000)
    with pytest.raises(ImportRefused, match="too large when unpacked"):
        read_rows(whole)
