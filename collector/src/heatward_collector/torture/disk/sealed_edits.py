"""Ways to alter a copy of a ledger whose first days are sealed, by somebody who knows the format.

Whatever the row groups hold is written anew with every digest put right, so that only the chain
and the checks of the columns can tell.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from heatward_collector.ledger.manifest import MANIFEST, digest
from heatward_collector.ledger.parquet import BATCHES, RECORDS, SOURCES
from heatward_collector.ledger.parquet_sensors import SENSORS
from heatward_collector.ledger.sealed_day import sealed_days
from heatward_collector.torture.disk.edits import Expected, bytes_changed, cut_off
from heatward_node.reading import Kind
from heatward_node.scratchpad import usual_scratchpad

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SealedCopy:
    """A copy of a ledger with sealed days, in the hands of somebody who may do anything to it."""

    folder: Path
    chance: random.Random

    @property
    def days(self) -> list[Path]:
        """The sealed days, from the first on."""
        return sealed_days(self.folder)

    def groups(self, day: Path) -> list[int]:
        """Return the numbers of a day's row groups."""
        return list(range(pq.ParquetFile(day / RECORDS).num_row_groups))

    def any_group(self) -> tuple[Path, int]:
        """Return some day and one of its row groups."""
        day = self.chance.choice(self.days)
        return day, self.chance.choice(self.groups(day))

    def write_anew(self, path: Path, change: Callable[[list[list[Row]]], None]) -> None:
        """Write a file with some rows of its row groups changed, and put all digests right."""
        file = pq.ParquetFile(path)
        tables = [file.read_row_group(at) for at in range(file.num_row_groups)]
        rows = [table.to_pylist() for table in tables]
        change(rows)
        with pq.ParquetWriter(path, file.schema_arrow) as writer:
            for group in rows:
                writer.write_table(type(tables[0]).from_pylist(group, schema=file.schema_arrow))
        manifest = json.loads((path.parent / MANIFEST).read_text())
        manifest["files"] = {name: digest(path.parent / name) for name in manifest["files"]}
        (path.parent / MANIFEST).write_text(json.dumps(manifest))

    def change_group(self, name: str, change: Callable[[list[Row]], None]) -> Expected:
        """Change the rows of some row group of a file."""
        day, group = self.any_group()
        self.write_anew(day / name, lambda groups: change(groups[group]))
        return Expected(file=day.name, says=f"row group {group}")

    def reading(self, rows: list[Row]) -> Row:
        """Return some reading."""
        return self.chance.choice([row for row in rows if row["kind"] == Kind.READING])


def sensor_of(day: Path, row: Row) -> int:
    """Return which sensor a reading of a day is of."""
    sensors = pq.read_table(day / SENSORS).to_pylist()
    own = [int(one["sensor"]) for one in sensors if one["source"] == row["source"]]
    return own[row["sensor_place"]]


def sealed_value(copy: SealedCopy) -> Expected:
    """A temperature, a sensor, a time or a mark says something else."""
    column = copy.chance.choice(("raw", "sensor", "wall_s", "drift_ms", "quality", "seq_offset"))

    def change(rows: list[Row]) -> None:
        row = copy.reading(rows)
        if column == "sensor":
            row.update(sensor=copy.chance.getrandbits(64), sensor_place=None)
        else:
            row[column] += 1

    return copy.change_group(RECORDS, change)


def sealed_beside_bytes(copy: SealedCopy) -> Expected:
    """A reading keeps its bytes, and its column of temperature or sensor says something else."""
    day, group = copy.any_group()

    def change(groups: list[list[Row]]) -> None:
        row = copy.reading(groups[group])
        sensor = sensor_of(day, row)
        row["body"] = sensor.to_bytes(8, "little") + usual_scratchpad(row["raw"])
        if copy.chance.random() < 0.5:
            row["raw"] += copy.chance.choice((-16, 1, 80))
        else:
            row.update(sensor=sensor ^ 1 << copy.chance.randrange(64), sensor_place=None)

    copy.write_anew(day / RECORDS, change)
    return Expected(file=day.name, says=f"row group {group}")


def sealed_sensors(copy: SealedCopy) -> Expected:
    """A sensor of a day is another one, or two of a source have changed places."""
    day = copy.chance.choice(copy.days)

    def change(groups: list[list[Row]]) -> None:
        row = copy.chance.choice(groups[0])
        others = [one for one in groups[0] if one is not row and one["source"] == row["source"]]
        if others and copy.chance.random() < 0.5:
            other = copy.chance.choice(others)
            row["sensor"], other["sensor"] = other["sensor"], row["sensor"]
        else:
            row["sensor"] ^= 1 << copy.chance.randrange(64)

    copy.write_anew(day / SENSORS, change)
    return Expected(file=day.name, says="row group")


def sealed_record_gone(copy: SealedCopy) -> Expected:
    """A record is taken out."""
    return copy.change_group(
        RECORDS, lambda rows: rows.remove(copy.chance.choice(rows)) if len(rows) > 1 else None
    )


def sealed_exchange(copy: SealedCopy) -> Expected:
    """Two records have each other's temperature."""

    def change(rows: list[Row]) -> None:
        one = copy.reading(rows)
        other = copy.chance.choice([row for row in rows if row["raw"] not in (None, one["raw"])])
        one["raw"], other["raw"] = other["raw"], one["raw"]

    return copy.change_group(RECORDS, change)


def sealed_receipt(copy: SealedCopy) -> Expected:
    """A batch was received at another time, or has another number."""
    column = copy.chance.choice(("received_at_ms", "number", "count"))

    def change(rows: list[Row]) -> None:
        copy.chance.choice(rows)[column] += 1

    return copy.change_group(BATCHES, change)


def sealed_groups_exchanged(copy: SealedCopy) -> Expected:
    """Two row groups of a day have changed places."""
    day = copy.chance.choice(copy.days)
    one, two = sorted(copy.chance.sample(copy.groups(day), 2))

    def change(groups: list[list[Row]]) -> None:
        groups[one], groups[two] = groups[two], groups[one]

    copy.write_anew(day / RECORDS, change)
    return Expected(file=day.name, says=f"row group {one}")


def sealed_sources(copy: SealedCopy) -> Expected:
    """A source of a sealed day is another one, or stood elsewhere when the day began."""
    day = copy.days[-1]
    column, value = copy.chance.choice((("node", "n9999"), ("epoch", 7), ("through", 1)))
    copy.write_anew(
        day / SOURCES, lambda groups: copy.chance.choice(groups[0]).update({column: value})
    )
    return Expected(file=day.name)


def sealed_file_gone(copy: SealedCopy) -> Expected:
    """A file of a sealed day is gone."""
    day = copy.chance.choice(copy.days)
    (day / copy.chance.choice((RECORDS, BATCHES, SOURCES, SENSORS, MANIFEST))).unlink()
    return Expected(needs_all_witnesses=True)


def sealed_day_gone(copy: SealedCopy) -> Expected:
    """A sealed day is gone: of the first one only a witness tells."""
    shutil.rmtree(copy.chance.choice(copy.days))
    return Expected(needs_all_witnesses=True)


def raw_sealed_bytes(copy: SealedCopy) -> Expected:
    """Bytes of a file of a sealed day are changed."""
    return bytes_changed(_any_file(copy), copy.chance)


def raw_sealed_cut(copy: SealedCopy) -> Expected:
    """A file of a sealed day ends too early."""
    return cut_off(_any_file(copy), copy.chance)


def _any_file(copy: SealedCopy) -> Path:
    return copy.chance.choice(sorted(copy.chance.choice(copy.days).iterdir()))


SEALED_EDITS: dict[str, Callable[[SealedCopy], Expected]] = {
    edit.__name__: edit
    for edit in (
        sealed_value,
        sealed_beside_bytes,
        sealed_sensors,
        sealed_record_gone,
        sealed_exchange,
        sealed_receipt,
        sealed_groups_exchanged,
        sealed_sources,
        sealed_file_gone,
        sealed_day_gone,
        raw_sealed_bytes,
        raw_sealed_cut,
    )
}
"""Every way, by its name."""
