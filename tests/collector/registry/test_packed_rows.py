"""Tables in packed columns: the same answers as plain rows, whatever they are kept in."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatward_collector.registry import directory as directory_module
from heatward_collector.registry import laid_aside, packed, packer, sensor_number
from heatward_collector.registry.dated import sensor_numbers
from heatward_collector.registry.directory import Directory
from heatward_collector.registry.ids import NOWHERE, Ids, JoinedIds
from heatward_collector.registry.packed import Choices, Numbers, Texts
from heatward_collector.registry.packed_rows import PackedRows
from heatward_collector.registry.packer import Packer
from heatward_collector.registry.tables import IMPORTED, METADATA, key
from heatward_node.errors import RecordError
from heatward_node.rom import kernel_name

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=6)
WORDS = st.sampled_from(["a", "ab", "b", "家", "家1", ""]) | TEXTS
COLUMNS = {
    "text": (METADATA.tables["notice"].c.zone, WORDS | st.none(), Texts),
    "whole": (METADATA.tables["notice"].c.to_s, st.integers(-(2**62), 2**62) | st.none(), Numbers),
    "real": (
        METADATA.tables["placement"].c.height_m,
        st.floats(allow_nan=False) | st.none(),
        Numbers,
    ),
    "yes": (METADATA.tables["placement"].c.suitable, st.booleans(), Choices),
    "day": (METADATA.tables["suspension"].c.to_day, st.dates() | st.none(), Choices),
}


@pytest.fixture(params=["few choices", "each its own", "in a file"])
def keeping(request, tmp_path, monkeypatch):
    """Let columns be kept in each of the ways; return the folder in which they are laid aside."""
    monkeypatch.setattr(packed, "AT_ONCE", 3)
    if request.param != "few choices":
        monkeypatch.setattr(packer, "MOST_CHOICES", 1)
    if request.param != "in a file":
        return None
    monkeypatch.setattr(laid_aside, "LARGE_BYTES", 1)
    return tmp_path


def column_of(column, values, folder, at_once=4):
    taking = Packer(column, folder)
    for first in range(0, len(values), at_once):
        taking.add(values[first : first + at_once])
    return taking.done()


@pytest.mark.parametrize("kind", COLUMNS)
@settings(max_examples=20)
@given(data=st.data())
def test_some_rows_of_a_column_are_what_they_were_in_it(kind, data):
    column, values, _ = COLUMNS[kind]
    held = data.draw(st.lists(values, min_size=1, max_size=20))
    chosen = data.draw(st.lists(st.integers(0, len(held) - 1), max_size=20))
    with pytest.MonkeyPatch.context() as patch:
        if data.draw(st.booleans()):
            patch.setattr(packer, "MOST_CHOICES", 1)
        some = column_of(column, held, None).taken(np.array(chosen, np.int64), None)
    assert some.between(0, len(chosen)) == [held[one] for one in chosen]
    assert len(some) == len(chosen)


@pytest.mark.parametrize("kind", COLUMNS)
@settings(max_examples=40)
@given(data=st.data())
def test_a_column_gives_back_what_was_put_in(kind, data):
    column, values, _ = COLUMNS[kind]
    held = data.draw(st.lists(values, max_size=20))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packer, "MOST_CHOICES", data.draw(st.sampled_from([1, 4096])))
        made = column_of(column, held, None)
    assert [made[place] for place in range(len(held))] == held
    assert made.between(1, len(held)) == held[1:]
    assert [part for _, part in packed.in_parts(made, 3)] == [
        held[first : first + 3] for first in range(0, len(held), 3)
    ]
    assert made.mapped(lambda one: one is None, bool).tolist() == [one is None for one in held]


@pytest.mark.parametrize("kind", COLUMNS)
def test_many_different_values_are_kept_each_on_its_own(kind, monkeypatch):
    monkeypatch.setattr(packer, "MOST_CHOICES", 1)
    column, _, expected = COLUMNS[kind]
    values = {
        "text": ["a", "b", None],
        "whole": [1, 2, None],
        "real": [0.5, 1.5, None],
        "yes": [True, False],
        "day": [date(2026, 1, 1), date(2026, 1, 2), None],
    }[kind]
    made = column_of(column, values, None, at_once=2)
    assert type(made) is expected
    assert made.between(0, len(values)) == values


def test_a_large_column_lies_in_a_file_that_has_no_name(tmp_path, monkeypatch):
    monkeypatch.setattr(packer, "MOST_CHOICES", 1)
    monkeypatch.setattr(laid_aside, "LARGE_BYTES", 8)
    made = column_of(METADATA.tables["room"].c.id, ["a-room", "another", "家"], tmp_path)
    assert isinstance(made, Texts)
    assert not isinstance(made.data, bytes)
    assert made.between(0, 3) == ["a-room", "another", "家"]
    assert list(tmp_path.iterdir()) == []


def test_where_no_file_can_be_written_a_column_stays_in_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(packer, "MOST_CHOICES", 1)
    monkeypatch.setattr(laid_aside, "LARGE_BYTES", 1)
    made = column_of(METADATA.tables["room"].c.id, ["a", "b"], tmp_path / "missing")
    assert isinstance(made, Texts)
    assert isinstance(made.data, bytes)
    assert made.between(0, 2) == ["a", "b"]


SENSORS = [kernel_name(b"\x28" + bytes([n]) * 6 + b"\0") for n in range(5)]
ROW = st.fixed_dictionaries(
    {
        "sensor": st.sampled_from(
            [kernel_name(b"\x28" + bytes([n]) * 6 + b"\0") for n in range(5)]
        ),
        "from_s": st.integers(0, 4),
        "to_s": st.integers(5, 9) | st.none(),
        "node": WORDS | st.none(),
        "target_kind": st.sampled_from(["room", "bench"]),
        "target": WORDS | st.none(),
    }
)


@settings(max_examples=60)
@given(
    st.lists(ROW, max_size=12),
    st.lists(st.lists(ROW, max_size=4), max_size=4),
    st.sampled_from([1, 4096]),
)
def test_edits_one_after_the_other_give_the_table_that_is_packed_at_once(rows, edits, choices):
    table = METADATA.tables["assignment"]
    plain = {key(table, row): row for row in rows}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packer, "MOST_CHOICES", choices)
        held = PackedRows.of("assignment", rows)
        for edit in edits:
            before, was = held, list(map(dict, held))
            held = held.with_rows(edit)
            plain |= {key(table, row): row for row in edit}
            assert list(map(dict, before)) == was
        expected = [plain[one] for one in sorted(plain)]
        assert list(held) == expected
        assert held == PackedRows.of("assignment", expected)
    assert [held[place] for place in range(-len(held), 0)] == expected
    assert held[1:3] == tuple(expected[1:3])


def test_an_edit_shares_the_columns_in_which_nothing_is_new():
    rows = [{"id": one, "home": "h", "use": "bedroom"} for one in ("a", "b")]
    held = PackedRows.of("room", rows)
    later = held.with_rows([{"id": "b", "home": "h", "use": "kitchen"}])
    assert later.column("id") is held.column("id")
    assert later.column("home") is held.column("home")
    assert [row["use"] for row in later] == ["bedroom", "kitchen"]
    assert held.with_rows([]) is held


def test_a_row_is_a_mapping_like_any_other():
    (row,) = PackedRows.of("room", [{"id": "a", "home": "h", "use": "bedroom"}])
    assert row == {"id": "a", "home": "h", "use": "bedroom"}
    assert {**row, "use": "kitchen"} == {"id": "a", "home": "h", "use": "kitchen"}
    assert (row.get("home"), row.get("missing"), row.get("missing", 1)) == ("h", None, 1)
    assert repr(row) == "{'id': 'a', 'home': 'h', 'use': 'bedroom'}"
    with pytest.raises(KeyError):
        row["missing"]
    with pytest.raises(IndexError):
        PackedRows.of("room", [row])[1]


IDS = st.lists(WORDS.filter(bool), unique=True, max_size=300).map(sorted)


def ids_of(names, choices):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packer, "MOST_CHOICES", choices)
        return Ids(column_of(METADATA.tables["room"].c.id, names, None))


@settings(max_examples=60)
@given(IDS, IDS, st.lists(WORDS | st.none(), max_size=30), st.sampled_from([1, 4096]))
def test_ids_are_found_one_by_one_and_all_at_once(first, second, asked, choices):
    ids = ids_of(first, choices)
    place = {name: index for index, name in enumerate(first)}
    expected = [NOWHERE if one is None else place.get(one, NOWHERE) for one in asked]
    assert [ids.find(one) for one in asked if one is not None] == [
        found for one, found in zip(asked, expected, strict=True) if one is not None
    ]
    wanted = ids_of(asked, choices)._column
    assert ids.find_all(wanted).tolist() == expected
    assert ids_of(first, 4096).find_all(ids_of(asked, 1)._column).tolist() == expected
    assert dict(ids.places) == place
    assert [one in ids for one in asked] == [one in place for one in asked]
    joined = JoinedIds(ids, ids_of(second, choices))
    both = {name: index for index, name in enumerate([*first, *second])}
    assert list(joined) == [*first, *second]
    assert dict(joined.places) == both
    assert joined.find_all(wanted).tolist() == [
        NOWHERE if one is None else both.get(one, NOWHERE) for one in asked
    ]


def test_a_search_passes_the_marks_of_a_long_list():
    names = sorted(f"room-{number}" for number in range(3 * 128 + 5))
    ids = ids_of(names, 1)
    assert [ids.find(name) for name in names] == list(range(len(names)))
    assert [ids.find(name) for name in ("", "room", "room-00", "s", "\udc80")] == [NOWHERE] * 5
    assert ids == tuple(names)
    assert ids != names[1:]
    assert ids[2:4] == tuple(names[2:4])
    assert ids[::200] == tuple(names[::200])


@given(st.lists(st.binary(min_size=7, max_size=7), max_size=9))
def test_numbers_of_sensors_are_the_same_one_by_one_and_together(roms):
    names = [kernel_name(rom + b"\0") for rom in roms]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packer, "MOST_CHOICES", 0)
        column = column_of(METADATA.tables["assignment"].c.sensor, names, None)
    assert sensor_numbers(column).tolist() == [sensor_number(name) for name in names]


@pytest.mark.parametrize("name", ["28-0000ffffffffff", "28_0000ffffffff", "28-0000FFffffff"[:15]])
def test_what_is_no_name_of_a_sensor_is_refused_among_many_too(name, monkeypatch):
    monkeypatch.setattr(packer, "MOST_CHOICES", 0)
    column = column_of(METADATA.tables["assignment"].c.sensor, [name, "28-0000ffffffff"], None)
    with pytest.raises(RecordError):
        sensor_numbers(column)


def test_the_sample_answers_the_same_in_whatever_its_tables_are_kept(registry, keeping):
    _, content = registry.content()
    rows = {name: list(map(dict, table)) for name, table in content.items()}
    packed_anew = {name: PackedRows.of(name, table, keeping) for name, table in rows.items()}
    there, here = Directory(1, content), Directory(1, packed_anew)
    assert here.points == there.points
    assert {name: dict(table) for name, table in here.tables.items()} == {
        table.name: {row["id"]: row for row in rows[table.name]} if "id" in table.c else {}
        for table in IMPORTED
    }
    assert [here.points[point.index] for point in there.points] == list(there.points)
    assert here.intervals.tolist() == there.intervals.tolist()
    sensors = np.array([sensor_number(row["sensor"]) for row in rows["assignment"]], np.uint64)
    now = np.full(len(sensors), 1_790_000_000)
    assert here.assign(sensors, now).tolist() == there.assign(sensors, now).tolist()
    assert here.assign(sensors, now).min() >= directory_module.BENCH
    assert [half.tolist() for half in here.calibration(sensors, now)] == [
        half.tolist() for half in there.calibration(sensors, now)
    ]
    for room in rows["room"]:
        placed = [here.placement(here.point_index[room["id"]], second) for second in (0, now[0])]
        mask = [
            tuple(h[here.point_index[room["id"]]] for h in here.placements(second))
            for second in (0, int(now[0]))
        ]
        assert placed == mask
