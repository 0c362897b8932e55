"""Every place where the line reads what others wrote, fed with inputs that are nearly right.

An input is either refused in the one way that its reader promises, or it was right after all: then
writing down what was read gives something that is read alike. All else is a crash.
"""

from __future__ import annotations

import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import numpy.typing as npt

from heatward_collector.complaints.table_cells import read_rows
from heatward_collector.config import parse
from heatward_collector.errors import ImportRefused
from heatward_collector.ingest.messages import Message
from heatward_collector.ingest.quarantine import Quarantine
from heatward_collector.ingest.session import Session
from heatward_collector.ledger import LedgerWriter, Outcome, Taken
from heatward_collector.problems import Problems
from heatward_collector.registry import spreadsheets, tables
from heatward_collector.registry.table_file import read_table
from heatward_collector.torture.inputs.malformed import spoilt
from heatward_node import config as node_config
from heatward_node.control import Ack, Hello, Status
from heatward_node.errors import ConfigurationError, RecordError, SensorError, WireError
from heatward_node.reading import Kind, Record, Sync, reading
from heatward_node.rom import rom_from_kernel_name
from heatward_node.scratchpad import judge, scratchpad_of, usual_scratchpad
from heatward_node.topics import Topic
from heatward_node.wire import Pack, decode_pack, encode_pack

ROM = rom_from_kernel_name("28-000006b67845")
SENT_S = 1_767_225_600
ZONE = ZoneInfo("Asia/Shanghai")
LISTED_CRASHES = 20
_SAVED_AT = re.compile(rb"\d{4}-\d\d-\d\dT[\d:.]+Z")


class Fate(Enum):
    """What became of an input."""

    REFUSED = "refused"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Subject:
    """One reader: whole inputs to begin from, and what swallows them."""

    samples: Sequence[bytes]
    swallow: Callable[[bytes], Fate]
    share: int = 1
    """How many inputs it gets, beside the others."""


@dataclass(slots=True)
class Fed:
    """What became of many inputs, by subject."""

    given: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)
    crashes: list[str] = field(default_factory=list)
    """Subject, error and input of the first ones."""
    crashed: int = 0


class _Books:
    """A ledger and a quarantine that only count, so that ten million inputs need no disk."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.rows = self.aside = self.refused = 0

    def known_source(self, *_: object) -> None:
        """Know nobody."""

    def offer_runs(self, sources: Sequence[object], *_: object) -> npt.NDArray[np.bool_]:
        """Leave every record to the general way."""
        return np.zeros(len(sources), np.bool_)

    def offer(self, district: str, node: str, pack: Pack) -> Outcome:
        """Take a pack that was read; records that are kept as refused are no readings."""
        good = [record for record in pack.records if record.kind != Kind.REFUSED]
        self.refused += len(pack.records) - len(good)
        self.rows += len(good)
        for one in good:
            if _read_again(pack.epoch, one, pack.asks_ack) != (pack.epoch, [one]):
                raise AssertionError("a record that is read otherwise when it is written again")
        return Outcome(Taken.STORED, 0, 0)

    def offer_pruned(self, *_: object) -> bool:
        """Take a greeting."""
        return False

    def payload(self, *_: object) -> None:
        """Put a message aside."""
        self.aside += 1


def _read_again(epoch: int, record: Record, asks_ack: bool) -> tuple[int, list[Record]]:
    payload = encode_pack(epoch, [record], asks_ack)
    again = decode_pack(payload, msgspec.json.decode)
    return again.epoch, list(again.records)


def _through_session(leaf: str, folder: Path) -> Callable[[bytes], Fate]:
    """Return a reader of messages: the session of ingest, whose refusals must all be counted."""
    books = _Books(folder)
    session = Session(cast(LedgerWriter, books), cast(Quarantine, books))
    topic = f"heatward/v1/sample/n0001/{leaf}"

    def swallow(data: bytes) -> Fate:
        rows, aside, kept = books.rows, books.aside, books.refused
        counted = session.counters["quarantined_messages"]
        session.take(Message(topic, data, False, 1, 1, 0))
        session._settled.clear()
        session._asked.clear()
        refused = books.aside - aside
        if session.counters["quarantined_messages"] - counted != refused:
            raise AssertionError("a refusal that was not counted")
        if refused and books.rows != rows:
            raise AssertionError("a row of a message that was refused")
        return Fate.REFUSED if refused or books.refused > kept else Fate.RIGHT

    return swallow


def _either(read: Callable[[bytes], object], *refusals: type[Exception]) -> Callable[[bytes], Fate]:
    """Return a reader that refuses with some errors only."""

    def swallow(data: bytes) -> Fate:
        try:
            read(data)
        except refusals:
            return Fate.REFUSED
        return Fate.RIGHT

    return swallow


def _record(data: bytes) -> None:
    if Record.from_bytes(data).to_bytes() != data:
        raise AssertionError("a record of other bytes than it was read from")


def _sensor_file(data: bytes) -> None:
    scratchpad, is_right = scratchpad_of(data.decode("ascii", "replace"))
    judge(scratchpad, is_right)


def _node_settings(data: bytes) -> None:
    node_config.parse(data.decode("utf-8", "replace"))


def _settings(data: bytes) -> None:
    parse(data.decode("utf-8", "replace"))


def _imported(folder: Path, name: str) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        path = folder / f"{name}.csv"
        path.write_bytes(data)
        problems = Problems()
        read_table(path, tables.METADATA.tables[name], ZONE, problems)
        problems.refuse()

    return read


def _complaints(folder: Path, ending: str) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        path = folder / f"complaints{ending}"
        path.write_bytes(data)
        read_rows(path)

    return read


def subjects(folder: Path) -> Mapping[str, Subject]:
    """Return every reader by name; those of files use ``folder``."""
    sample = Path(spreadsheets.__file__).with_name("sample")
    packs = _packs()
    hello = Hello(7, 1, 9).encode()
    ack = Ack("ab" * 8, 7, 12, 3, "cd" * 32).encode()
    status = Status(online=True).encode()
    w1 = _sensor_text(320)
    csv = {name: (sample / f"{name}.csv").read_bytes() for name in ("assignment", "person", "home")}
    complaints = "工单号,受理时间,地址,内容\n1,2026-01-05 08:00,江畔1号楼,冷\n".encode("gb18030")
    refused = ImportRefused
    return {
        "readings": Subject(packs, _through_session("readings", folder), 400),
        "event": Subject([hello], _through_session("event", folder), 150),
        "ack": Subject([ack], _either(Ack.decode, WireError), 100),
        "status": Subject([status], _either(Status.decode, WireError), 50),
        "topic": Subject([b"heatward/v1/sample/n0001/readings"], _either(_topic, WireError), 50),
        "record": Subject(_records(), _either(_record, RecordError), 100),
        "w1": Subject([w1], _either(_sensor_file, SensorError), 100),
        "settings": Subject([_settings_text()], _either(_settings, ConfigurationError), 10),
        "node_settings": Subject([_node_text()], _either(_node_settings, ConfigurationError), 10),
        **{
            f"{name}_csv": Subject([data[:1500]], _either(_imported(folder, name), refused), 1)
            for name, data in csv.items()
        },
        "complaints_csv": Subject([complaints], _either(_complaints(folder, ".csv"), refused), 1),
        "complaints_xlsx": Subject([_workbook()], _either(_complaints(folder, ".xlsx"), refused)),
    }


def feed(count: int, seed: int, told: Callable[[int], None] = lambda _: None) -> Fed:
    """Feed at least ``count`` inputs to all subjects by their shares; same seed, same inputs."""
    fed = Fed()
    with tempfile.TemporaryDirectory() as folder:
        found = subjects(Path(folder))
        shares = sum(subject.share for subject in found.values())
        for name, subject in found.items():
            own = -(-count * subject.share // shares)
            _feed_one(name, subject, own, random.Random(f"{seed} {name}"), fed)
            told(own)
    return fed


def _feed_one(name: str, subject: Subject, count: int, chance: random.Random, fed: Fed) -> None:
    began = time.perf_counter()
    for _ in range(count):
        data = spoilt(chance.choice(subject.samples), chance)
        try:
            fate = subject.swallow(data)
        except Exception as error:  # every error that its reader did not promise
            fed.crashed += 1
            if len(fed.crashes) < LISTED_CRASHES:
                fed.crashes.append(f"{name}: {error!r} {data[:400]!r}")
            continue
        fed.refused[name] += fate is Fate.REFUSED
    fed.given[name] += count
    fed.seconds[name] = fed.seconds.get(name, 0.0) + time.perf_counter() - began


def _topic(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    if str(Topic.parse(text)) != text:
        raise AssertionError("a topic that is written otherwise than it was read")


def _records() -> list[bytes]:
    return [one.to_bytes() for one in _readings()]


def _readings() -> list[Record]:
    odd = bytearray(usual_scratchpad(320))
    odd[2] ^= 1
    pads = (usual_scratchpad(320), usual_scratchpad(-80), bytes(odd))
    return [
        reading(seq, 1000 * seq, SENT_S + seq, Sync.SYNCHRONISED, ROM, pad, 0)
        for seq, pad in enumerate(pads, start=1)
    ]


def _packs() -> list[bytes]:
    records = _readings()
    untimed = records[0]._replace(wall_s=None, sync=Sync.UNSYNCHRONISED)
    return [
        encode_pack(7, records[:1]),
        encode_pack(7, records, True),
        encode_pack(7, [untimed]),
    ]


def _sensor_text(raw: int) -> bytes:
    pad = usual_scratchpad(raw)
    shown = pad.hex(" ")
    return f"{shown} : crc={pad[8]:02x} YES\n{shown} t={raw * 1000 // 16}\n".encode()


def _settings_text() -> bytes:
    return (
        b'[state]\ndirectory = "x"\n[ledger]\nkeep_days = 3\n[mqtt]\nurl = "mqtts://b:8883"\n'
        b'username = "u"\npassword_file = "p"\n[web]\nport = 80\n[log]\nlevel = "info"\n'
    )


def _node_text() -> bytes:
    return Path(node_config.__file__).with_name("sample.toml").read_bytes()


def _workbook() -> bytes:
    """Return a table of complaints as a workbook, whenever it is asked for the same bytes."""
    import io
    import zipfile

    from openpyxl import Workbook

    book: Any = Workbook()
    book.active.append(["number", "received", "address"])
    book.active.append(["1", "2026-01-05 08:00", "x"])
    dated, packed = io.BytesIO(), io.BytesIO()
    book.save(dated)
    with zipfile.ZipFile(dated) as parts, zipfile.ZipFile(packed, "w") as undated:
        for name in parts.namelist():
            # It says when it was saved, and each part of a zip when it was put in.
            data = _SAVED_AT.sub(b"2026-01-05T08:00:00Z", parts.read(name))
            undated.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
