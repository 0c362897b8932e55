"""Editing the registry: all or nothing, alone, with the changes it causes; on both databases."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from sqlalchemy import update

from heatward_collector.config import parse
from heatward_collector.errors import RegistryError
from heatward_collector.registry import (
    Counts,
    Directory,
    Registry,
    laid_aside,
    open_registry,
    packer,
    tables,
)


def assignment(registry, target="h0001-r1"):
    return next(row for row in registry.rows("assignment") if row["target"] == target)


def test_an_edit_moves_the_version_and_an_idle_one_does_not(registry):
    version, row = registry.version(), assignment(registry)
    assert registry.put({"assignment": [row]}) == {"assignment": Counts()}
    assert registry.version() == version
    assert registry.put({"assignment": [{**row, "to_s": row["from_s"] + 60}]}) == {
        "assignment": Counts(changed=1)
    }
    assert registry.version() == version + 1


def test_an_edit_that_fails_half_way_leaves_nothing(registry):
    version, before = registry.version(), registry.last_change()
    good = {**registry.rows("calibration")[0], "offset_kelvin": 1.0}
    with pytest.raises(RegistryError, match="(?i)null"):
        registry.put(
            {"calibration": [good], "room": [{"id": "half", "home": None, "use": "other"}]}
        )
    assert (registry.version(), registry.last_change()) == (version, before)
    assert good not in registry.rows("calibration")


def test_rows_checked_against_an_older_version_are_refused(registry):
    version, row = registry.version(), assignment(registry)
    registry.put({"assignment": [{**row, "to_s": row["from_s"] + 60}]})
    with pytest.raises(RegistryError, match="somebody else"):
        registry.put({"assignment": [row]}, based_on=version)


def test_processes_that_edit_at_once_wait_for_each_other(registry, url):
    """Each thread has a connection pool of its own, as a process would."""
    version, faults = registry.version(), []

    def edit(number):
        own = Registry(url)
        try:
            for turn in range(5):
                room = {"id": f"r{number}-{turn}", "home": "h0001", "use": "other"}
                own.put({"room": [room]})
        except Exception as error:
            faults.append(error)
        own.close()

    threads = [threading.Thread(target=edit, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert registry.version() == version + 20


def test_processes_may_create_an_empty_registry_at_the_same_moment(url):
    registries, start = [], threading.Barrier(4)

    def create():
        start.wait()
        registries.append(Registry(url))

    threads = [threading.Thread(target=create) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.version() for one in registries] == [1] * 4
    for one in registries:
        one.close()


def test_content_is_read_at_one_moment(registry):
    with registry.database.snapshot() as connection:
        before = connection.execute(tables.room.select()).all()
        registry.put({"room": [{"id": "later", "home": "h0001", "use": "other"}]})
        assert connection.execute(tables.room.select()).all() == before


def test_a_registry_of_another_schema_is_refused_with_the_remedy(registry, url):
    with registry.database.edit() as connection:
        query = update(tables.meta).where(tables.meta.c.key == "schema")
        connection.execute(query.values(value="99"))
    with pytest.raises(RegistryError, match="schema 99.*install the newer one"):
        Registry(url)


def test_a_registry_that_cannot_be_reached_is_named_without_its_password(tmp_path):
    with pytest.raises(RegistryError, match="did not do") as refused:
        Registry("postgresql://somebody:secret@127.0.0.1:1/heatward")
    assert "secret" not in str(refused.value)
    with pytest.raises(RegistryError, match="unable to open"):
        Registry(f"sqlite:///{tmp_path / 'missing' / 'registry.sqlite'}")


def test_the_configured_registry_is_opened(registry, url, tmp_path):
    (tmp_path / "password").write_text("not needed on the loopback address\n")
    settings = f'url = "{url}"\npassword_file = "{tmp_path / "password"}"'
    if url.startswith("sqlite"):
        settings = f'url = "{url}"'
    configured = open_registry(parse(f"[registry]\n{settings}"))
    assert configured.version() == registry.version()
    configured.close()


def test_nodes_are_known_by_district(registry):
    assert ("sample", "n0001") in registry.nodes()
    assert ("elsewhere", "n0001") not in registry.nodes()


MIDDLE_S, LATE_S = 1_790_000_000, 2_000_000_000


def of_directory(directory):
    return (
        {name: list(rows.items()) for name, rows in directory.tables.items()},
        list(directory.assignments()),
        directory.points,
        directory.point_home.tolist(),
        directory.home_building.tolist(),
        directory.intervals.tolist(),
        [
            [dated.sensor.tolist(), dated.from_s.tolist(), dated.to_s.tolist()]
            + [values.tolist() for values in dated.columns.values()]
            for dated in (directory._assignments, directory._calibrations)
        ],
        [[half.tolist() for half in directory.placements(now)] for now in (0, MIDDLE_S, LATE_S)],
        [directory.placement(0, now) for now in (0, MIDDLE_S, LATE_S)],
        directory.suspended_homes(date(2026, 1, 2)).tolist(),
    )


def edits_of(registry):
    row = assignment(registry)
    end = row["from_s"] + 1000
    calibration = registry.rows("calibration")[0]
    placement = registry.rows("placement")[0]
    moved = {**row, "from_s": end, "target": "h0001-a1"}
    return [
        {"room": [{"id": "h0001-a1", "home": "h0001", "use": "bedroom"}]},
        {"assignment": [{**row, "to_s": end}, moved]},
        {"room": [{"id": "h0001-a0", "home": "h0001", "use": "kitchen"}], "placement": [placement]},
        {"assignment": [{**moved, "target_kind": "bench", "target": None}]},
        {"calibration": [{**calibration, "offset_kelvin": 0.75}]},
        {"calibration": [{**calibration, "from_s": calibration["from_s"] + 60}]},
        {"suspension": [{"home": "h0001", "from_day": date(2026, 1, 2), "to_day": None}]},
        {"supplier": [{**registry.rows("supplier")[0], "duty_phone": "12345"}]},
        {"placement": [{**placement, "height_m": 1.1}]},
    ]


def test_a_snapshot_brought_up_to_date_by_rows_or_by_tables_is_the_one_read_anew(registry, url):
    other = Registry(url)
    other.directory()
    registry.directory()
    for edit in edits_of(registry):
        registry.put(edit)
        anew = of_directory(Directory(*registry.content()))
        assert of_directory(registry.directory()) == anew
        assert of_directory(other.directory()) == anew
        assert registry.directory().version == other.directory().version == registry.version()
    other.close()


def test_what_is_made_of_tables_is_made_again_only_after_an_edit_of_them(registry):
    made = []

    def names(directory):
        made.append(directory.version)
        return sorted(directory.tables["supplier"])

    def asked():
        return registry.directory().derived(names, frozenset({"supplier"}))

    held = asked()
    registry.put({"room": [{"id": "h0001-a1", "home": "h0001", "use": "bedroom"}]})
    assert asked() is held
    registry.put({"supplier": [{**registry.rows("supplier")[0], "duty_phone": "12345"}]})
    assert asked() is not held
    assert len(made) == 2


def test_what_is_large_is_laid_aside_in_the_state_folder_on_both_databases(
    registry, url, tmp_path, monkeypatch
):
    monkeypatch.setattr(packer, "MOST_CHOICES", 1)
    monkeypatch.setattr(laid_aside, "LARGE_BYTES", 1)
    held, folders = registry.directory().points, set()
    real = laid_aside.lay_aside
    monkeypatch.setattr(
        packer, "lay_aside", lambda data, folder: folders.add(folder) or real(data, folder)
    )
    text = f'[registry]\nurl = "{url}"\n[state]\ndirectory = "{tmp_path / "state"}"'
    configured = open_registry(parse(text))
    (tmp_path / "state").mkdir()
    assert configured.directory().points == held
    assert folders == {tmp_path / "state"}
    configured.close()
