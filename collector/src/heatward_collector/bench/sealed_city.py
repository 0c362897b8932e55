"""A city's registry and its sealed hours in a folder: written once, and used again.

Of millions of rooms they take an hour. Which city lies in a folder is read from the data, whoever
wrote it there: from the registry, and from what the sealed days say of themselves.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from heatward_collector.bench.generator import generating
from heatward_collector.bench.ingest import REGISTERED_AT_ONCE
from heatward_collector.bench.ledger_days import (
    DAY_S,
    FIX_SLOTS,
    STEP_S,
    City,
    CityDays,
    sensor_name,
)
from heatward_collector.bench.telling import Tell, stage
from heatward_collector.errors import HeatwardError
from heatward_collector.ledger.sealed_day import SEALING, SealedDay, sealed_days
from heatward_collector.registry import Registry, tables
from heatward_collector.registry.table_copies import FOLDER as COPIES
from heatward_collector.replay.places import content_for
from heatward_collector.replay.recordings import RecordedSeries

END_S = 1_767_225_600 + 2 * DAY_S
"""Where the hours end. [s UTC]"""
SLOTS_AN_HOUR, SLOTS_A_DAY = 3600 // STEP_S, DAY_S // STEP_S
ROOMS_A_BUILDING = 50


@dataclass(frozen=True, slots=True)
class SealedCity:
    """Rooms with one sensor each, and the hours until ``END_S``."""

    folder: Path
    rooms: int
    hours: int
    rooms_a_node: int = 1

    @property
    def address(self) -> str:
        """Where the registry is."""
        return f"sqlite:///{self.folder / 'registry.sqlite'}"

    @property
    def ledger(self) -> Path:
        """Where the sealed days are."""
        return self.folder / "ledger"

    @property
    def readings(self) -> int:
        """How many readings that makes."""
        return self.rooms * self.hours * SLOTS_AN_HOUR

    @property
    def nodes(self) -> int:
        """How many nodes."""
        return self.rooms // self.rooms_a_node

    @property
    def slots_of_days(self) -> list[range]:
        """The slots of each day."""
        days = -(-self.hours // 24)
        first = days * SLOTS_A_DAY - self.hours * SLOTS_AN_HOUR
        return [range(0 if day else first, SLOTS_A_DAY) for day in range(days)]

    def records_of(self, slots: range) -> int:
        """Return how many records some slots of a day have: readings, fixes, checkpoints."""
        fixes = sum(slot % FIX_SLOTS == 0 for slot in slots)
        return self.rooms * len(slots) + self.nodes * (fixes + (0 in slots))

    def prepare(self, tell: Tell) -> None:
        """Write what is missing. Raises HeatwardError where another city lies in the folder."""
        held = self._rooms_held()
        if held not in (0, self.rooms):
            raise HeatwardError(
                f"{self.folder} holds another city: its registry has {held:,} rooms, "
                f"not {self.rooms:,}"
            )
        is_whole = self._is_whole()
        # What an earlier run left there, the large tables in columns, is no part of the city.
        shutil.rmtree(self.folder / COPIES, ignore_errors=True)
        if not held:
            self.folder.mkdir(parents=True, exist_ok=True)
            with stage(tell, f"登记 / registering {self.rooms:,}"):
                _register(self.address, self.rooms)
        if is_whole:
            tell(f"沿用 / used again: {self.ledger}")
            return
        with stage(tell, f"{self.hours} h, {self.rooms:,} 间 / rooms"):
            self._write(tell)

    def _rooms_held(self) -> int:
        path = self.folder / "registry.sqlite"
        if not path.exists():
            if self.folder.exists() and any(self.folder.iterdir()):
                raise HeatwardError(f"{self.folder} is not empty, and holds no city")
            return 0
        uri = f"{path.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'room'").fetchone():
                return 0
            return int(connection.execute("SELECT count(*) FROM room").fetchone()[0])

    def _is_whole(self) -> bool:
        """Say whether all days are there. Raises HeatwardError where they are others or unfinished.

        Nothing is taken away: it took an hour to write, or is just being written.
        """
        if not self.ledger.exists() or not any(self.ledger.iterdir()):
            return False
        days, expected = sealed_days(self.ledger), self.slots_of_days
        for path, slots in zip(days, expected, strict=False):
            manifest = SealedDay(path).manifest
            held = manifest.sources_before, sum(part.records for part in manifest.parts)
            if held != (self.nodes, self.records_of(slots)):
                raise HeatwardError(
                    f"{self.folder} holds another city: {path.name} has {held[1]:,} records of "
                    f"{held[0]:,} nodes, not {self.records_of(slots):,} of {self.nodes:,}"
                )
        if len(days) > len(expected):
            raise HeatwardError(f"{self.folder} holds more days than {self.hours} hours have")
        if len(days) < len(expected) or any(self.ledger.glob(f"*{SEALING}")):
            raise HeatwardError(
                f"the days in {self.ledger} are not whole: wait for who writes them, or delete "
                f"the folder to have them written anew"
            )
        return True

    def _write(self, tell: Tell) -> None:
        """Write all days in a process of its own, for it holds a name for every node."""
        with generating(_write_days, self) as (pipe, _):
            for _ in self.slots_of_days:
                try:
                    tell(f"  {pipe.recv()}")
                except EOFError as error:
                    raise HeatwardError("the process that writes days has ended") from error


def _write_days(city: SealedCity, pipe: Connection) -> None:
    pipe.send("ready")
    slots = city.slots_of_days
    days = CityDays(City(city.rooms, END_S - len(slots) * DAY_S, city.rooms_a_node))
    for path in days.write(city.ledger, len(slots), slots[0].start):
        pipe.send(path.name)
    pipe.recv()


def _register(address: str, rooms: int) -> None:
    """Put a city into a new registry, as a restore does: an edit would look for each row."""
    registry = Registry(address)
    with registry.database.edit() as connection:
        for first in range(0, rooms, REGISTERED_AT_ONCE):
            content = _content(range(first, min(first + REGISTERED_AT_ONCE, rooms)))
            for name, rows in content.items():
                # Places above the homes come again with every part.
                new = tables.METADATA.tables[name].insert().prefix_with("OR IGNORE")
                connection.execute(new, rows)
    registry.close()


def _content(rooms: range) -> dict[str, list[dict[str, Any]]]:
    """Return a registry of the rooms that the days are of, whose nodes nobody registered."""
    time_s, raw = np.array([0, STEP_S], np.int64), np.array([320, 320], np.int16)
    content = content_for(
        [
            RecordedSeries(f"b{room // ROOMS_A_BUILDING:05}", sensor_name(room), time_s, raw)
            for room in rooms
        ]
    )
    del content["node"]
    hung = [{**row, "node": None} for row in content.pop("assignment")]
    return {**content, "assignment": hung}
