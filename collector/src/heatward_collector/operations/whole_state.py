"""A backup of everything that a collector cannot make anew, and a collector begun from one.

One folder holds the ledger once, day by day, and beside it a set for every backup: the database,
what was put aside, verdicts and findings with their revisions, timestamps, photos, the authority of
nodes, the configuration with the secrets that it names. Left out is what is derived from these.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from heatward_collector import __version__
from heatward_collector.config import Config, load, named_files
from heatward_collector.errors import HeatwardError
from heatward_collector.ledger import LedgerReader
from heatward_collector.ledger.backup import back_up as back_up_ledger
from heatward_collector.ledger.backup import restore as restore_ledger
from heatward_collector.operations.database_copy import copy_in, copy_out, refuse_filled
from heatward_collector.registry import open_registry
from heatward_collector.whole_file import sync

SETS_KEPT = 14
"""So many backups stay; the ledger beside them is whole at any time."""
KEPT_DATABASES = ("quarantine.sqlite", "verdicts.sqlite", "findings.sqlite", "placements.sqlite")
KEPT_FOLDERS = ("timestamps", "photos")
DERIVED = (
    *("window", "midnights", "status", "watch", "desk", "clock"),
    *("series.sqlite", "view.sqlite", "refused.sqlite", "evaluate.sqlite", "display.json"),
    *("view.rebuild", "alarms.json", "service.lock"),
)
"""What a state folder holds besides, and what comes again by itself."""
DATABASE, MANIFEST, CONFIGURATION = "database.zst", "manifest.json", "collector.toml"
LEDGER, STATE, AUTHORITY, NAMED = "ledger", "state", "authority", "named"
_COPYING = ".copying"


@dataclass(frozen=True, slots=True)
class Made:
    """What a backup holds."""

    folder: Path
    days: int
    """Days of the ledger that were copied now."""
    rows: int
    batch: int
    head: bytes


@dataclass(frozen=True, slots=True)
class Restored:
    """What a collector was begun from."""

    folder: Path
    rows: int
    records: int
    batch: int
    incarnation: str


def back_up(config: Config, config_file: Path | None, target: Path, now_s: float) -> Made:
    """Copy everything into a folder, also while it is written.

    The ledger comes last: it is then at least as new as all that was derived from it.
    """
    target.mkdir(parents=True, exist_ok=True)
    target.chmod(0o700)  # keys and names lie in it
    name = datetime.fromtimestamp(now_s, UTC).strftime("%Y%m%dT%H%M%SZ")
    place, copying = target / name, target / (name + _COPYING)
    if place.exists():
        raise HeatwardError(f"{place} 已存在 / exists already")
    shutil.rmtree(copying, ignore_errors=True)
    copying.mkdir()
    registry = open_registry(config)
    rows = copy_out(registry.database, copying / DATABASE)
    registry.close()
    _copy_state(config.state.directory, copying / STATE)
    if config.enrolment.directory.is_dir():
        _copy_folder(config.enrolment.directory, copying / AUTHORITY)
    named = _copy_configuration(config, config_file, copying)
    days = back_up_ledger(config.state.ledger, target / LEDGER)
    with closing(LedgerReader(target / LEDGER)) as reader:
        batch, head = reader.head()
    facts = {"heatward": __version__, "made_s": int(now_s), "batch": batch, "head": head.hex()}
    _write_manifest(copying, {**facts, "named": named})
    copying.rename(place)
    sync(target)
    for old in sets_in(target)[:-SETS_KEPT]:
        shutil.rmtree(old)
    return Made(place, len(days), rows, batch, head)


def restore(copy: Path, config: Config) -> Restored:
    """Begin a collector from the newest set in a folder, or from one set that is named.

    The ledger gets a new name, by which nodes notice that they must refill.
    Raises HeatwardError where a copy is damaged, or where something is here already.
    """
    place = newest_set(copy)
    check(place)
    if any(config.state.ledger.glob("[0-9]*")):
        raise HeatwardError(
            f"{config.state.ledger} 里已有账本；请停止服务，把状态文件夹整个移开并保留 / holds "
            f"a ledger already; stop the collector, move its state folder away, and keep it"
        )
    registry = open_registry(config)
    refuse_filled(registry.database)
    checked, incarnation = restore_ledger(place.parent / LEDGER, config.state.ledger)
    rows = copy_in(registry.database, place / DATABASE)
    registry.close()
    shutil.copytree(place / STATE, config.state.directory, dirs_exist_ok=True)
    if (place / AUTHORITY).is_dir() and not (config.enrolment.directory / "ca.key").exists():
        shutil.copytree(place / AUTHORITY, config.enrolment.directory, dirs_exist_ok=True)
        config.enrolment.directory.chmod(0o700)
    return Restored(place, rows, checked.records, checked.number, incarnation)


def restore_configuration(copy: Path, config_file: Path) -> list[Path]:
    """Put a backup's configuration where there is none, with the files that it names.

    Returns what was written; a file that is there already stays.
    """
    place = newest_set(copy)
    check(place)
    if config_file.exists() or not (place / CONFIGURATION).exists():
        return []
    config_file.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(place / CONFIGURATION, config_file)
    written = [config_file]
    kept = set(_manifest(place)["named"])
    for key, path in named_files(load(config_file)):
        if key in kept and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(place / NAMED / key, path)
            written.append(path)
    return written


def sets_in(folder: Path) -> list[Path]:
    """Return the complete sets of a folder, oldest first."""
    return sorted(path.parent for path in folder.glob(f"*Z/{MANIFEST}"))


def newest_set(copy: Path) -> Path:
    """Return the set that a folder is, or its newest one. Raises HeatwardError."""
    if (copy / MANIFEST).is_file():
        return copy
    found = sets_in(copy)
    if not found:
        raise HeatwardError(f"{copy} 里没有备份 / holds no backup of heatward backup")
    return found[-1]


def check(place: Path) -> None:
    """Compare every file of a set with its manifest. Raises HeatwardError naming those that differ.

    The ledger proves itself, by its own chain.
    """
    listed = dict(_manifest(place)["files"])
    found = dict(_digests(place))
    wrong = sorted(
        name for name in listed.keys() | found.keys() if listed.get(name) != found.get(name)
    )
    if wrong:
        raise HeatwardError(
            f"备份已损坏，请换一份 / the backup is damaged, use another: {place}: "
            f"{', '.join(wrong)}"
        )


def _copy_state(state: Path, target: Path) -> None:
    target.mkdir()
    for name in KEPT_DATABASES:
        if (state / name).exists():
            _copy_sqlite(state / name, target / name)
    for name in KEPT_FOLDERS:
        if (state / name).is_dir():
            shutil.copytree(state / name, target / name)


def _copy_folder(folder: Path, target: Path) -> None:
    """Copy a folder whose databases may be written meanwhile."""
    target.mkdir()
    for path in sorted(folder.iterdir()):
        if path.suffix == ".sqlite":
            _copy_sqlite(path, target / path.name)
        elif path.is_dir():
            shutil.copytree(path, target / path.name)
        elif not path.name.endswith(("-wal", "-shm", ".new")):
            shutil.copyfile(path, target / path.name)


def _copy_sqlite(path: Path, target: Path) -> None:
    uri = f"{path.resolve().as_uri()}?mode=ro"
    with (
        closing(sqlite3.connect(uri, uri=True, timeout=10)) as source,
        closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")


def _copy_configuration(config: Config, config_file: Path | None, target: Path) -> list[str]:
    if config_file is None:
        return []
    shutil.copyfile(config_file, target / CONFIGURATION)
    (target / NAMED).mkdir()
    named = [(key, path) for key, path in named_files(config) if path.is_file()]
    for key, path in named:
        shutil.copyfile(path, target / NAMED / key)
    return [key for key, _ in named]


def _write_manifest(folder: Path, facts: dict[str, Any]) -> None:
    files = dict(_digests(folder))
    for name in files:
        sync(folder / name)
    text = json.dumps({**facts, "files": files}, indent=1, ensure_ascii=False)
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    sync(folder / MANIFEST)
    sync(folder)


def _manifest(place: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((place / MANIFEST).read_text("utf-8"))
        if isinstance(found["files"], dict) and isinstance(found["named"], list):
            return found
        raise KeyError("files")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise HeatwardError(f"{place / MANIFEST} 读不懂 / cannot be read: {error}") from error


def _digests(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path != folder / MANIFEST:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            yield path.relative_to(folder).as_posix(), digest
