"""One archive for whoever helps from afar: how the line stands, and nothing about anybody.

Every value is either a number, a time, a hash, or one of the words that our own code knows. Names,
ids of homes and nodes, addresses of machines, paths and secrets are in none of these.
"""

from __future__ import annotations

import ast
import functools
import io
import json
import platform
import re
import sqlite3
import sys
import zipfile
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import fields
from datetime import UTC, datetime
from importlib.metadata import requires, version
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from sqlalchemy import func, inspect, select, table

import heatward_collector
from heatward_collector.config import EMBEDDED, Config
from heatward_collector.config.settings import LOG_FORMATS, LOG_LEVELS
from heatward_collector.errors import HeatwardError
from heatward_collector.ledger import LedgerReader
from heatward_collector.operations.database_copy import ROOMS
from heatward_collector.operations.scrubbed_log import scrub
from heatward_collector.operations.whole_state import DERIVED, KEPT_DATABASES, KEPT_FOLDERS
from heatward_collector.registry import open_registry
from heatward_collector.running.health import Health, examine
from heatward_collector.running.stages import STAGES

T = TypeVar("T")
WORDS = frozenset({EMBEDDED, "demo", "harbin", *LOG_LEVELS, *LOG_FORMATS})
"""Texts of a configuration that are shown as they are; of any other only that it is set."""
PROCESSES = frozenset({*STAGES, "service", "disk"})
_NAME = re.compile(r"[a-z][a-z0-9_]{0,50}")
"""How our code names stages, faults and counters."""
SHOWN_STATE = (*KEPT_DATABASES, *KEPT_FOLDERS, *DERIVED, "registry.sqlite", "ledger")
README = """Heatward 支持包 / support bundle

只有版本、设置（不含地址和口令）、计数、滞后、账本头和日志事件。没有姓名、住户、节点、地址、口令。
可以先打开看，再交给帮忙的人。

Versions, settings without addresses or secrets, counters, lags, the ledger's head, log events. No
names, homes, nodes, addresses or secrets. Look through it before you hand it on.
"""


def bundle(config: Config, log_lines: Iterable[str], now_s: float) -> bytes:
    """Return the archive (zip).

    What cannot be read is said so in its place: a bundle is asked for where something is broken.
    """
    health = examine(config, now_s)
    contents: dict[str, Any] = {
        "versions.json": _versions(),
        "configuration.json": _settings(config),
        "line.json": _line(health, now_s),
        "state.json": _sizes(config.state.directory),
        "ledger.json": _or_error(lambda: _ledger(config)),
        "database.json": _or_error(lambda: _counts(config)),
        "put_aside.json": _or_error(lambda: _put_aside(config.state.quarantine)),
    }
    scrubbed = scrub(log_lines, known_events())
    contents["log.json"] = {"lines": scrubbed.lines, "left_out": scrubbed.left_out}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", README)
        for name, content in contents.items():
            archive.writestr(name, json.dumps(content, ensure_ascii=False, indent=1, default=str))
    return packed.getvalue()


@functools.cache
def known_events() -> frozenset[str]:
    """Return every event id that stands in our own code."""
    found = set()
    for path in Path(heatward_collector.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                before, _, rest = node.value.partition("event=")
                if not before and rest:
                    found.add(rest.split()[0].rstrip(";"))
    return frozenset(found)


def _versions() -> dict[str, Any]:
    needed = [line.split(">")[0].split("<")[0] for line in requires("heatward-collector") or ()]
    names = [name.strip() for name in needed if "extra ==" not in name]
    return {
        "python": sys.version.split()[0],
        "system": f"{platform.system()} {platform.machine()}",
        "sqlite": sqlite3.sqlite_version,
        "packages": {name: _version_of(name) for name in ("heatward-collector", *names)},
    }


def _version_of(name: str) -> str:
    try:
        return version(name)
    except ImportError:
        return "absent"


def _settings(config: Config) -> dict[str, Any]:
    return {
        section.name: {
            one.name: _shown(getattr(getattr(config, section.name), one.name))
            for one in fields(getattr(config, section.name))
        }
        for section in fields(config)
    }


def _shown(value: object) -> object:
    """Return a setting as it is where it says nothing of a place or a person."""
    if value is None or isinstance(value, bool | int | float) or value in WORDS:
        return value
    scheme = urlsplit(value).scheme if isinstance(value, str) else ""
    known = ("mqtt", "mqtts", "http", "https", "sqlite", "postgresql", "postgresql+psycopg")
    return f"{scheme}:" if scheme in known else "set"


def _line(health: Health, now_s: float) -> dict[str, Any]:
    return {
        "made": datetime.fromtimestamp(now_s, UTC).isoformat(timespec="seconds"),
        "reported_seconds_ago": _of_ours(
            {name: now_s - at for name, at in health.reported.items()}
        ),
        "stages": [
            {
                "process": stage.process,
                "stage": stage.name,
                "seconds_ago": None if stage.last_success is None else now_s - stage.last_success,
                "lag_seconds": stage.lag_seconds,
            }
            for stage in health.stages
            if stage.process in PROCESSES and _NAME.fullmatch(stage.name)
        ],
        "faults": [
            {"process": fault.process, "code": fault.code}
            for fault in health.faults
            if fault.process in PROCESSES and _NAME.fullmatch(fault.code)
        ],
        "counters": {
            process: {name: count for name, count in counts.items() if _NAME.fullmatch(name)}
            for process, counts in _of_ours(health.counters).items()
        },
        "disk_free_bytes": health.disk_free_bytes,
        "disk_total_bytes": health.disk_total_bytes,
    }


def _of_ours(found: Mapping[str, T]) -> dict[str, T]:
    return {name: value for name, value in found.items() if name in PROCESSES}


def _sizes(state: Path) -> dict[str, Any]:
    """Return the sizes of what is known to lie in a state folder, and the number of the rest."""
    there = state.iterdir() if state.is_dir() else ()
    found = {path.name: path for path in there if not path.name.endswith(("-wal", "-shm"))}
    shown = {name: _size(found[name]) for name in sorted(found) if name in SHOWN_STATE}
    return {"bytes": shown, "others": len(found) - len(shown)}


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else (path,)
    return sum(one.stat().st_size for one in files if one.is_file())


def _ledger(config: Config) -> dict[str, Any]:
    with closing(LedgerReader(config.state.ledger)) as reader:
        number, head = reader.head()
        incarnation = reader.incarnation
    days = {
        path.name: _size(path)
        for path in sorted(config.state.ledger.glob("[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9].*"))
        if path.suffix in (".sqlite", ".sealed")
    }
    return {"batch": number, "head": head.hex(), "incarnation": incarnation, "bytes": days}


def _counts(config: Config) -> dict[str, Any]:
    """Return the number of rows of every table of ours."""
    registry = open_registry(config)
    try:
        with registry.database.snapshot() as connection:
            there = set(inspect(connection).get_table_names())
            names = sorted(name for room in ROOMS for name in room.METADATA.tables)
            return {
                name: connection.execute(select(func.count()).select_from(table(name))).scalar()
                for name in names
                if name in there
            }
    finally:
        registry.close()


def _put_aside(path: Path) -> Mapping[str, int]:
    """Return how many messages were put aside; their reasons are counted in the line."""
    if not path.exists():
        return {}
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        names = [
            row[0]
            for row in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        return {
            name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
            for name in names
            if name in ("payload", "conflict")
        }


def _or_error(look: Any) -> Any:
    """Return what a look gives; of an error its kind only, since its words may name anything."""
    try:
        return look()
    except (OSError, sqlite3.Error, HeatwardError) as error:
        return {"error": type(error).__name__}
