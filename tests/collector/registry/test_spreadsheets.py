"""Importing and exporting folders of CSV: all or nothing, every fault named, nothing lost."""

from __future__ import annotations

import csv
import string
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heatward_collector.errors import ImportRefused, RegistryError
from heatward_collector.registry import Counts, Registry, spreadsheets, table_file, tables

SAMPLE = Path(spreadsheets.__file__).with_name("sample")
BOM = b"\xef\xbb\xbf"


@pytest.fixture
def empty(tmp_path):
    registry = Registry(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    yield registry
    registry.close()


@pytest.fixture
def sample(empty):
    spreadsheets.import_folder(empty, SAMPLE)
    return empty


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "folder").mkdir()
    return tmp_path / "folder"


def contents(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def refusals(registry, folder, **options):
    version = registry.version()
    with pytest.raises(ImportRefused) as refused:
        spreadsheets.import_folder(registry, folder, **options)
    assert registry.version() == version
    return refused.value.problems


def test_a_second_import_changes_nothing(sample):
    counts = spreadsheets.import_folder(sample, SAMPLE)
    assert set(counts.values()) == {Counts()}


def test_an_export_imported_elsewhere_exports_the_same(registry, tmp_path):
    spreadsheets.export_folder(registry, tmp_path / "one")
    other = Registry(f"sqlite:///{tmp_path / 'other.sqlite'}")
    spreadsheets.import_folder(other, tmp_path / "one")
    spreadsheets.export_folder(other, tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert all(data.startswith(BOM) for data in contents(tmp_path / "one").values())
    other.close()


TEXT = st.text(string.ascii_letters + "=+-@'\",; 示例　＝", min_size=1, max_size=20)
PLACES = st.dictionaries(
    st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=8),
    st.tuples(TEXT.filter(str.strip), st.none() | TEXT.filter(str.strip)),
    max_size=6,
)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(PLACES)
def test_whatever_is_held_survives_export_and_import(tmp_path_factory, places):
    folder = tmp_path_factory.mktemp("round")
    rows = [
        {"id": key, "name_zh": zh.strip(), "name_en": en and en.strip()}
        for key, (zh, en) in places.items()
    ]
    first, second = (Registry(f"sqlite:///{folder / name}.sqlite") for name in ("one", "two"))
    first.put({"district": rows})
    spreadsheets.export_folder(first, folder / "out")
    spreadsheets.import_folder(second, folder / "out")
    assert second.rows("district") == first.rows("district")
    first.close()
    second.close()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_chinese_headers_and_values_in_any_encoding(empty, folder, encoding):
    (folder / "district.csv").write_bytes("编号,名称\r\nd,道里区\r\n".encode(encoding))
    (folder / "outdoor.csv").write_bytes("编号,名称,区,背阴\r\no,北墙,d,是\r\n".encode(encoding))
    spreadsheets.import_folder(empty, folder)
    assert empty.rows("district") == [{"id": "d", "name_zh": "道里区", "name_en": None}]
    assert empty.rows("outdoor")[0]["shaded"] is True


def test_every_faulty_row_is_named_and_nothing_is_taken(empty, folder):
    (folder / "district.csv").write_text('id,name_zh\nd,"区"\nD!,x\n\ne,\nd,again\n')
    (folder / "street.csv").write_text("id,name_zh,district\ns,街,d,extra\n")
    problems = refusals(empty, folder)
    assert [problem.split(": ")[0] for problem in problems] == [
        "district.csv:3",
        "district.csv:5",
        "district.csv:6",
        "street.csv:2",
    ]
    assert "name_zh (名称)" in problems[1]
    assert "line 2" in problems[2]
    assert empty.rows("district") == []


def test_lines_are_counted_as_an_editor_shows_them(empty, folder):
    (folder / "district.csv").write_text('id,name_zh\n"a\nb",x\nD!,x\n')
    assert [one.split(": ")[0] for one in refusals(empty, folder)] == [
        "district.csv:2",
        "district.csv:4",
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no header"),
        ("id,name_zh,colour\n", "no such column"),
        ("id,name_zh,名称\n", "twice"),
        ("id\nd\n", "missing: name_zh"),
        ('id,name_zh\nd,"open\n', "no whole CSV"),
        ("id,name_zh\nd," + "x" * 200_000 + "\n", "no whole CSV"),
    ],
)
def test_a_file_that_cannot_be_read_by_its_header_is_refused(empty, folder, text, reason):
    (folder / "district.csv").write_text(text)
    assert any(reason in problem for problem in refusals(empty, folder))


def test_unknown_tables_empty_folders_and_encodings_are_named(empty, folder):
    assert "holds no CSV" in refusals(empty, folder)[0]
    assert "is not a folder" in refusals(empty, folder / "absent")[0]
    (folder / "homes.csv").write_text("id\n")
    (folder / "district.csv").write_bytes(b"id,name_zh\nd,\xff\xff\n")
    problems = refusals(empty, folder)
    assert "neither UTF-8 nor GBK" in problems[0]
    assert "no such table" in problems[1]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_tables_of_other_countries_spreadsheets_are_read(empty, folder, delimiter):
    (folder / "district.csv").write_text(f"id{delimiter}name_zh\r\nd{delimiter}一, 二\r\n")
    spreadsheets.import_folder(empty, folder)
    assert [row["name_zh"] for row in empty.rows("district")] == ["一, 二"]


def test_what_is_no_table_is_named_with_its_remedy(empty, folder):
    (folder / "district.csv").write_text("d,江南\n")
    (folder / "street.csv").mkdir()
    (folder / "home.xlsx").write_bytes(b"PK\x03\x04")
    (folder / "notes.xlsx").write_bytes(b"PK\x03\x04")
    workbook, header, directory = refusals(empty, folder)
    assert workbook.startswith("home.xlsx: 请另存为")
    assert header.startswith("district.csv:1: 第一行应为表头 / the first line must be")
    assert header.endswith("it is: d,江南")
    assert directory == (
        "street.csv: 读不出来，应为 CSV 文件 / cannot be read, must be a CSV file: Is a directory"
    )


def test_a_flood_of_one_fault_is_told_once_with_its_rule_and_how_often(empty, folder):
    rows = "".join(f"楼{n},x,e-{n}\n" for n in range(5000))
    (folder / "building.csv").write_text("id,name_zh,estate\n" + rows)
    (folder / "stairwell.csv").write_text("id,name_zh,building\ns-1,x,楼1\ns-2,x,楼2\n")
    *full, rest, elsewhere = refusals(empty, folder)
    assert [one.split(": ")[0] for one in full] == [f"building.csv:{line}" for line in (2, 3, 4)]
    assert all("'楼" in one and "keep the old one as a name" in one for one in full)
    assert rest.startswith("building.csv:5: id (编号): 同样有误，共 4997 处，至第 5001 行 / ")
    assert elsewhere.startswith("stairwell.csv:2: building (楼栋): 同样有误，共 2 处，至第 3 行")


def test_ids_of_other_systems_are_taken_but_not_into_topics(empty, folder):
    uuid = "7C9E6679-7425-40de-944b-e07fc1f90ae7"
    (folder / "district.csv").write_text("id,name_zh\nd,x\n")
    (folder / "street.csv").write_text(f"id,name_zh,district\n{uuid},x,d\nS_1,y,d\ns_1,z,d\n")
    spreadsheets.import_folder(empty, folder)
    assert {row["id"] for row in empty.rows("street")} == {uuid, "S_1", "s_1"}
    (folder / "district.csv").write_text("id,name_zh\nd,x\nD_1,x\n")
    (folder / "street.csv").write_text(
        "id,name_zh,district\ns.1,x,D_1\n_s,x,d\n" + "s" * 37 + ",x,d"
    )
    (folder / "node.csv").write_text("id,district,interval_seconds\nN1,d,300\n")
    lines = refusals(empty, folder)
    assert sum("MQTT" in one for one in lines) == 3
    assert sum("underscores only, at most 36" in one for one in lines) == 3


def test_too_many_rows_are_refused(empty, folder, monkeypatch):
    monkeypatch.setattr(table_file, "MOST_ROWS", 3)
    (folder / "district.csv").write_text("id,name_zh\n" + "".join(f"d{n},x\n" for n in range(5)))
    assert "more than 3" in refusals(empty, folder)[0]
    monkeypatch.setattr(table_file, "MOST_BYTES", 10)
    assert "larger" in refusals(empty, folder)[0]


@pytest.mark.parametrize(
    ("table", "line", "reason"),
    [
        ("street", "new,名,,nowhere", "'nowhere' 不存在于 / is not in district.csv"),
        ("room", "new,h9999,bedroom", "is not in home.csv"),
        ("person", "new,duty_phone,es-jiangpan,名,,", "is not in supplier.csv"),
        ("assignment", "28-000006b67845,2026-01-02,,n0001,room,nowhere", "is not in room.csv"),
        ("assignment", "28-000006b67845,2026-01-02,,n0001,room,", "is not in room.csv"),
        ("assignment", "28-000006b67845,2026-01-02,2026-01-02,n0001,bench,", "before it begins"),
        ("assignment", "28-000006b67845,2026-01-02,,n0001,room,h0001-r1", "another sensor"),
        ("assignment", "28-0000e3117e8d,2026-01-02,,n0001,bench,", "this sensor is in h0001-r1"),
        ("assignment", "28-0000e3117e8d,2019-01-02,,n0001,bench,", "this sensor is in bench"),
        ("suspension", "h0001,2026-01-02,2026-01-01", "before it begins"),
    ],
)
def test_rows_that_do_not_fit_what_is_held_are_named_by_line(sample, folder, table, line, reason):
    names = [column.name for column in tables.METADATA.tables[table].columns]
    (folder / f"{table}.csv").write_text(",".join(names) + "\n" + line + "\n")
    (problem,) = refusals(sample, folder)
    assert problem.startswith(f"{table}.csv:2: ")
    assert reason in problem


def test_a_sensor_moves_when_the_old_row_gets_its_end(sample, folder):
    (folder / "assignment.csv").write_text(
        "sensor,from_s,to_s,target_kind,target\n"
        "28-0000e3117e8d,2020-01-01T00:00:00+08:00,2026-01-02,room,h0001-r1\n"
        "28-0000e3117e8d,2026-01-02,,台架,\n"
    )
    assert spreadsheets.import_folder(sample, folder)["assignment"] == Counts(1, 1, 0)


def test_a_suspension_may_last_one_day(sample, folder):
    (folder / "suspension.csv").write_text("home,from_day,to_day\nh0001,2026-01-02,2026-01-02\n")
    assert spreadsheets.import_folder(sample, folder)["suspension"].new == 1


@pytest.mark.parametrize("in_gbk", [False, True])
@pytest.mark.parametrize("chinese_headers", [False, True])
def test_every_way_of_exporting_comes_back_unchanged(sample, folder, in_gbk, chinese_headers):
    out = folder / "out"
    spreadsheets.export_folder(sample, out, in_gbk=in_gbk, chinese_headers=chinese_headers)
    data = (out / "home.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf") is not in_gbk
    header = data.decode("gbk" if in_gbk else "utf-8-sig").splitlines()[0]
    assert header.startswith("户编号,单元" if chinese_headers else "id,stairwell")
    content = spreadsheets.read_folder(out)
    assert list(spreadsheets.differences(sample, content, exact=True)) == []


def test_a_text_that_gbk_does_not_know_is_named(sample, folder):
    row = sample.rows("supplier")[0]
    sample.put({"supplier": [{**row, "name_zh": "雪\N{SNOWFLAKE}"}]})
    with pytest.raises(RegistryError, match=r"supplier.csv.*GBK"):
        spreadsheets.export_folder(sample, folder / "out", in_gbk=True)


def test_differences_show_each_row_before_it_is_taken(sample, folder):
    (folder / "room.csv").write_text("id,home,use\nh0001-r1,h0001,厨房\nnew,h0001,卧室\n")
    content = spreadsheets.read_folder(folder)
    assert list(spreadsheets.differences(sample, content)) == [
        "~ room h0001-r1: use (用途) living_room → kitchen",
        "+ room new",
    ]
    removed = list(spreadsheets.differences(sample, content, exact=True))
    assert "- room h0001-r2" in removed


def test_an_exact_import_removes_what_the_file_lacks_unless_something_needs_it(
    sample, folder, tmp_path
):
    spreadsheets.export_folder(sample, tmp_path / "out")
    with (tmp_path / "out" / "room.csv").open(encoding="utf-8-sig", newline="") as file:
        header, first, *others = csv.reader(file)
    with (folder / "room.csv").open("w", newline="") as file:
        csv.writer(file).writerows([header, *others])
    problems = refusals(sample, folder, exact=True)
    assert any(one.startswith("assignment.csv: ") and first[0] in one for one in problems)
    with (tmp_path / "out" / "placement.csv").open(encoding="utf-8-sig", newline="") as file:
        header, first, *others = csv.reader(file)
    (folder / "room.csv").unlink()
    with (folder / "placement.csv").open("w", newline="") as file:
        csv.writer(file).writerows([header, *others])
    counts = spreadsheets.import_folder(sample, folder, exact=True)
    assert counts == {"placement": Counts(removed=1)}


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary(max_size=200), st.sampled_from([b"", b"id,name_zh\n"]))
def test_any_bytes_are_read_or_refused(tmp_path_factory, data, header):
    folder = tmp_path_factory.mktemp("any")
    (folder / "district.csv").write_bytes(header + data)
    try:
        content = spreadsheets.read_folder(folder)
    except ImportRefused as refused:
        assert refused.problems
    else:
        assert set(content) == {"district"}
