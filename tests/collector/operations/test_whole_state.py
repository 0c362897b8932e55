"""A backup holds all that cannot be made anew, and a collector begun from it is the same."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import MetaData, select

from heatward_collector.accounts import Accounts, Role
from heatward_collector.cli import heatward
from heatward_collector.complaints import remembered
from heatward_collector.config import Config, load, parse
from heatward_collector.core.cases import Event, What
from heatward_collector.enrolment.authority import Authority, utc
from heatward_collector.errors import HeatwardError, RegistryError
from heatward_collector.ingest.quarantine import Quarantine, read_payloads
from heatward_collector.ledger import LedgerReader, LedgerWriter
from heatward_collector.operations import whole_state
from heatward_collector.operations.database_copy import copy_in, copy_out
from heatward_collector.operations.whole_state import back_up, restore, restore_configuration
from heatward_collector.registry import Registry, open_registry
from heatward_collector.spot_checks.photos import Photos
from heatward_node.errors import WireError
from heatward_node.wire import Pack
from support.case_world import DAY as CASE_DAY
from support.case_world import OUTAGE, CaseWorld, at
from support.evidence import LIVING, T0, PaperNode, ledger_records
from support.postgresql import emptied

PHOTO = b"\xff\xd8\xff a photograph of a thermometer"
KINDS = ("sqlite", "postgresql")


def fill(config: Config) -> None:
    """Let a collector have lived: evidence, a case, accounts, what was put aside."""
    registry = open_registry(config)
    url = registry.database._engine.url.render_as_string(hide_password=False)
    world = CaseWorld(config.state.directory, url)
    world.say(OUTAGE)
    world.judge(CASE_DAY, "below")
    (case,) = world.look()
    world.do(case.number, Event(What.ACKNOWLEDGED, at(CASE_DAY, 13), "李示例", "已派人"))
    world.close()
    Accounts(registry, lambda: float(T0)).people.add("zhang", "张示例", Role.DISTRICT, "sample")
    with registry.database.edit() as connection:
        remembered.METADATA.create_all(connection)
    registry.close()
    grow(config, epoch=7)
    quarantine = Quarantine(config.state.quarantine, lambda: float(T0))
    quarantine.payload("heatward/v1/x/y/readings", b"?", WireError("json", "no JSON"))
    quarantine.commit()
    quarantine.close()
    Photos(config.state.directory / "photos").keep(PHOTO)
    (config.state.directory / "window").mkdir()
    (config.state.directory / "window" / "ring").write_bytes(bytes(1000))


def grow(config: Config, epoch: int) -> None:
    """Append an epoch of one node to the ledger."""
    writer = LedgerWriter(config.state.ledger, lambda: float(T0 + 86_400 * epoch))
    node = PaperNode(epoch=epoch)
    records = [node.boot(), node.read(LIVING, T0 + 60, 20.5)]
    writer.offer("sample", "n0001", Pack(epoch, False, records))
    writer.commit()
    writer.close()


def rows_of(registry: Registry) -> dict[str, list[tuple]]:
    """Return every row of every table that a database has."""
    with registry.database.snapshot() as connection:
        found = MetaData()
        found.reflect(connection)
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in found.sorted_tables
        }


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collector on SQLite that has lived for a while, and a backup of it; to be copied."""
    folder = tmp_path_factory.mktemp("original")
    file = configured(folder / "old")
    back_up(load(file), file, folder / "backup", T0)
    return folder


@pytest.fixture
def old(original: Path, tmp_path: Path) -> Path:
    """The configuration file of a copy of it."""
    shutil.copytree(original, tmp_path, dirs_exist_ok=True)
    return tmp_path / "old" / "collector.toml"


@pytest.fixture(params=KINDS)
def lived(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The configuration file of such a collector on each kind of database."""
    if request.param == "sqlite":
        return request.getfixturevalue("old")
    return configured(tmp_path / "old", emptied(request.getfixturevalue("postgresql")))


def configured(folder: Path, url: str = "embedded") -> Path:
    """Write a configuration with a secret, and fill the stores that it names."""
    folder.mkdir()
    (folder / "mqtt.password").write_text("a secret\n")
    file = folder / "collector.toml"
    file.write_text(
        f'[state]\ndirectory = "state"\n[registry]\nurl = "{url}"\n[mqtt]\nusername = "heatward"\n'
        'password_file = "mqtt.password"\n[enrolment]\nname = "heat.example"\n'
        'directory = "authority"\n'
    )
    config = load(file)
    config.state.directory.mkdir()
    fill(config)
    Authority.found(config.enrolment.directory, utc(T0)).keep_own("heat.example", utc(T0))
    return file


def elsewhere(config_file: Path, request: pytest.FixtureRequest | None = None) -> Config:
    """Lose the server: its folder is moved away, its database emptied."""
    config = load(config_file)
    if not config.registry.embedded:
        emptied(config.registry.url)
    shutil.move(config.state.directory, config.state.directory.with_name("lost"))
    return config


def test_a_collector_begun_from_a_backup_is_the_same(lived: Path, tmp_path: Path) -> None:
    config, target = load(lived), tmp_path / "backup"
    registry = open_registry(config)
    before, evidence = rows_of(registry), ledger_records(config.state.ledger)
    registry.close()
    authority = (config.enrolment.directory / "ca.key").read_bytes()
    made = back_up(config, lived, target, T0 + 60)
    assert made.folder.name == "20260101T000100Z"
    config = elsewhere(lived)
    shutil.rmtree(config.enrolment.directory)
    done = restore(target, config)
    registry = open_registry(config)
    assert rows_of(registry) == before
    registry.close()
    assert len(before["case_event"]) >= 2 and before["outbox"] and before["account"]
    assert ledger_records(config.state.ledger) == evidence
    assert done.records == len(evidence) == 2
    with closing(LedgerReader(config.state.ledger)) as reader:
        assert reader.incarnation == done.incarnation
        assert reader.head() == (made.batch, made.head)
    assert [one.reason for one in read_payloads(config.state.quarantine, 9)] == ["json"]
    assert [path.read_bytes() for path in (config.state.directory / "photos").iterdir()] == [PHOTO]
    assert (config.state.directory / "findings.sqlite").exists()
    assert not (config.state.directory / "window").exists()  # derived: it comes by itself
    assert (config.enrolment.directory / "ca.key").read_bytes() == authority
    assert config.enrolment.directory.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(("here", "there"), [KINDS, KINDS[::-1]])
def test_a_database_moves_to_another_kind_and_counts_on(
    here: str, there: str, tmp_path: Path, postgresql: str
) -> None:
    def registry(kind: str, name: str) -> Registry:
        return Registry(
            emptied(postgresql) if kind == "postgresql" else f"sqlite:///{tmp_path}/{name}"
        )

    old = registry(here, "old")
    world = CaseWorld(tmp_path, old.database._engine.url.render_as_string(hide_password=False))
    world.close()
    people = Accounts(old, lambda: 5.0).people
    person = people.add("zhang", "张示例", Role.OPERATOR)
    copied = copy_out(old.database, tmp_path / "copy")
    before = rows_of(old)
    assert copied == sum(map(len, before.values()))
    old.close()
    new = registry(there, "new")
    assert copy_in(new.database, tmp_path / "copy") == copied
    found = rows_of(new)
    assert {name: rows for name, rows in found.items() if rows} == {
        name: rows for name, rows in before.items() if rows
    }
    last = new.last_change()
    assert last == max(row[0] for row in before["change"])
    counted = new.version()
    new.put({"node": [{"id": "n9999", "district": "sample", "interval_seconds": 300}]})
    new.put({"suspension": [{"home": "h0001", "from_day": CASE_DAY, "to_day": None}]})
    assert new.last_change() == last + 1
    assert new.version() == counted + 2
    assert Accounts(new, lambda: 6.0).people.find("zhang") == person
    new.close()


def test_a_database_that_holds_rows_is_never_written_over(old: Path, tmp_path: Path) -> None:
    config = load(old)
    shutil.rmtree(config.state.ledger)
    with pytest.raises(HeatwardError, match="holds rows already"):
        restore(tmp_path / "backup", config)
    assert not config.state.ledger.exists()


def test_a_ledger_that_is_there_is_never_written_over(old: Path, tmp_path: Path) -> None:
    config = load(old)
    with pytest.raises(HeatwardError, match="holds a ledger already"):
        restore(tmp_path / "backup", config)


@pytest.mark.parametrize("part", ["database.zst", "state/verdicts.sqlite", "authority/ca.key"])
@pytest.mark.parametrize("harm", ["altered", "gone", "added"])
def test_a_damaged_backup_is_refused_by_the_name_of_what_differs(
    part: str, harm: str, old: Path, tmp_path: Path
) -> None:
    place = whole_state.newest_set(tmp_path / "backup") / part
    if harm == "altered":
        held = place.read_bytes()
        place.write_bytes(held[:-1] + bytes([held[-1] ^ 1]))
    elif harm == "gone":
        place.unlink()
    else:
        place = place.with_name("added")
        place.write_bytes(b"")
    config = elsewhere(old)
    with pytest.raises(HeatwardError, match=f"damaged.*{place.name}"):
        restore(tmp_path / "backup", config)
    assert not config.state.directory.exists()


def test_the_last_backups_stay_and_the_newest_whole_one_is_used(
    old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_state, "SETS_KEPT", 3)
    config, target = load(old), tmp_path / "backup"
    for day in range(1, 4):
        grow(config, epoch=8 + day)
        back_up(config, old, target, T0 + 86_400 * day)
    (target / "20990101T000000Z.copying").mkdir()  # one that was killed
    assert [one.name[:8] for one in whole_state.sets_in(target)] == [
        "20260102",
        "20260103",
        "20260104",
    ]
    assert whole_state.newest_set(target).name == "20260104T000000Z"
    with pytest.raises(HeatwardError, match="exists already"):
        back_up(config, old, target, T0 + 86_400 * 3)
    older = whole_state.sets_in(target)[0]
    assert restore(older, elsewhere(old)).folder == older


def test_a_new_server_gets_its_configuration_from_the_backup_too(old: Path, tmp_path: Path) -> None:
    file, target = old, tmp_path / "backup"
    done = CliRunner().invoke(heatward, ["backup", str(target), "-c", str(file)])
    assert done.exit_code == 0, done.output
    head = done.output.splitlines()[-1]
    assert target.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(tmp_path / "old")
    done = CliRunner().invoke(heatward, ["restore", str(target), "-c", str(file)])
    assert done.exit_code == 0, done.output
    assert "mqtt.password" in done.output
    config = load(file)
    assert config.mqtt.password_file is not None
    assert config.mqtt.password_file.read_text() == "a secret\n"
    assert config.mqtt.password_file.stat().st_mode & 0o077 == 0
    with closing(LedgerReader(config.state.ledger)) as reader:
        number, digest = reader.head()
    assert f"{number}:{digest.hex()}" == head
    assert restore_configuration(target, file) == []  # what is there stays


def test_a_folder_that_is_no_backup_and_one_of_a_newer_program_are_told(tmp_path: Path) -> None:
    with pytest.raises(HeatwardError, match="holds no backup"):
        restore(tmp_path, parse(f'[state]\ndirectory = "{tmp_path / "new"}"'))
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "manifest.json").write_text('{"files": []}')
    with pytest.raises(HeatwardError, match="cannot be read"):
        restore(tmp_path / "set", parse(f'[state]\ndirectory = "{tmp_path / "new"}"'))
    import zstandard

    lines = [{"table": "account", "columns": ["id", "shoe_size"]}, ["a", 43]]
    text = "\n".join(json.dumps(line) for line in lines)
    (tmp_path / "copy").write_bytes(zstandard.compress(text.encode()))
    registry = Registry(f"sqlite:///{tmp_path / 'r.sqlite'}")
    with pytest.raises(HeatwardError, match="of a newer program.*shoe_size"):
        copy_in(registry.database, tmp_path / "copy")
    assert registry.version() == 1  # nothing was taken over
    registry.close()


def test_a_database_that_cannot_be_read_is_said(old: Path, tmp_path: Path) -> None:
    config = load(old)
    (config.state.directory / "registry.sqlite").write_bytes(b"no database at all")
    with pytest.raises(RegistryError):
        back_up(config, old, tmp_path / "other", T0)
    assert whole_state.sets_in(tmp_path / "other") == []
