"""The files of a pack: plain tables with fixed English headings, for programs as for people."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from heatward_collector.core.cases import Case
from heatward_collector.evidence.contents import Contents, Row
from heatward_collector.explain.names import Names
from heatward_collector.explain.sentence import explain
from heatward_collector.papers.sheets import Cell, Sheet, csv_bytes
from heatward_collector.readings.kept import KeptReading
from heatward_collector.refund.selection import above
from heatward_collector.spot_checks.official import doubts
from heatward_node.rom import kernel_name

READINGS = "readings.csv"
READING_COLUMNS = (
    "point", "sensor", "time_utc", "time_local", "celsius", "sixteenths", "good",
    "node", "epoch", "seq", "batch", "position", "record_hex",
)  # fmt: skip
PLACE_COLUMNS = (
    "home", "room", "use", "building", "estate", "street", "source", "supplier", "zone", "floor",
    "position", "usable_area_m2", "metered",
)  # fmt: skip
DECIMALS = 4


def files_of(contents: Contents) -> dict[str, bytes]:
    """Return the tables of a pack by file name."""
    tables = contents.books.tables
    sheets = {
        "rules.csv": _rules(contents),
        "places.csv": Sheet("places", PLACE_COLUMNS, list(_places(contents))),
        "sensors.csv": _rows("sensors", contents.assignments(), contents),
        "placements.csv": _rows("placements", contents.placements(), contents),
        "calibrations.csv": _rows("calibrations", contents.calibrations(), contents),
        READINGS: Sheet("readings", READING_COLUMNS, list(_readings(contents)), decimals=DECIMALS),
        "batches.csv": Sheet(
            "batches",
            ("batch", "received_utc", "records", "sha256"),
            [
                (one.number, _utc(one.received_at_ms / 1000), one.count, one.digest)
                for one in contents.kept.batches
            ],
        ),
        "verdicts.csv": _verdicts(contents),
        "peers.csv": _peers(contents),
        "weather.csv": Sheet(
            "weather",
            ("time_utc", "celsius", "source"),
            [(_utc(one.time_s), one.celsius, one.source) for one in contents.outdoor],
        ),
        "findings.csv": _findings(contents),
        "spot_checks.csv": _checks(contents),
        "resident_notices.csv": _rows("resident_notices", contents.notices, contents),
        "declarations.csv": _rows("declarations", contents.declarations, contents),
        "complaints.csv": _rows("complaints", contents.complaints, contents),
        "suspensions.csv": _rows(
            "suspensions",
            [row for row in tables["suspension"] if row["home"] in contents.subject.homes],
            contents,
        ),
    }
    if contents.case is not None:
        sheets["case.csv"] = _history(contents.case)
    return {name: csv_bytes(sheet) for name, sheet in sheets.items()}


def _history(case: Case) -> Sheet:
    columns = ("time_utc", "what", "by", "reason", "kind", "level", "place", "sign", "facts")
    rows = [
        (
            _utc(one.at_s),
            one.what.value,
            one.by,
            one.reason,
            "" if one.kind is None else one.kind.value,
            "" if one.where is None else one.where.level.value,
            "" if one.where is None else one.where.id,
            one.sign,
            json.dumps(dict(one.facts), sort_keys=True),
        )  # fmt: skip
        for one in case.history
    ]
    return Sheet("case", columns, rows)


def _rules(contents: Contents) -> Sheet:
    standard = contents.books.standard
    used = {verdict.rule for verdict in contents.verdicts}
    hours = standard.excluded_hours
    rows = [
        (
            rule.version,
            rule.valid_from,
            rule.minimum_celsius,
            json.dumps([[tier.below_celsius, tier.share] for tier in rule.tiers]),
            "" if hours is None else f"{hours[0]:02d}:00-{hours[1]:02d}:00",
            rule.source,
            rule.certainty,
        )
        for rule in standard.rules
        if rule.version in used or rule is standard.rule_on(contents.days[-1])
    ]
    columns = ("rule", "from", "minimum_celsius", "tiers", "excluded_hours", "source", "certainty")
    return Sheet("rules", columns, rows)


def _places(contents: Contents) -> Iterator[Sequence[Cell]]:
    directory = contents.books.directory
    for point in contents.points:
        home = directory.tables["home"][point.home]
        source, supplier = (above(directory, one, point.home) for one in ("source", "supplier"))
        yield (
            point.home, point.id, point.use, directory.name("building", point.building),
            directory.name("estate", point.estate), directory.name("street", point.street),
            directory.name("source", source), directory.name("supplier", supplier),
            directory.name("zone", point.zone), home["floor"], home["position"],
            home["usable_area_m2"], _yes(home["metered"]),
        )  # fmt: skip


def _readings(contents: Contents) -> Iterator[Sequence[Cell]]:
    for one in contents.kept.readings:
        yield (
            one.point, sensor_name(one), _utc(one.time_s), _local(one.time_s, contents),
            one.celsius, one.raw, _yes(one.is_good), one.node, f"{one.epoch:08x}", one.seq,
            one.batch, one.position, one.record,
        )  # fmt: skip


def sensor_name(reading: KeptReading) -> str:
    """Return a reading's sensor as the kernel names it."""
    return kernel_name(reading.sensor.to_bytes(8, "little"))


def _verdicts(contents: Contents) -> Sheet:
    columns = (
        "level", "place", "day", "revision", "provisional", "verdict", "rule", "judged_utc",
        "batch", "facts",
    )  # fmt: skip
    rows = [
        (
            one.level,
            one.place,
            one.day,
            one.revision,
            _yes(one.provisional),
            one.verdict,
            one.rule,
            _utc(one.judged_at),
            one.batch,
            json.dumps(one.facts, sort_keys=True),
        )  # fmt: skip
        for one in contents.verdicts
    ]
    return Sheet("verdicts", columns, rows)


def _peers(contents: Contents) -> Sheet:
    columns = ("level", "place", "day", "other_homes", "below", "median_celsius")
    rows = [
        (
            one.level,
            one.place,
            one.day,
            one.homes,
            one.below,
            None if one.median != one.median else one.median,
        )  # fmt: skip
        for one in contents.peers
    ]
    return Sheet("peers", columns, rows)


def _findings(contents: Contents) -> Sheet:
    names = Names(contents.books.directory)
    columns = (
        "finding", "revision", "change", "kind", "level", "place", "begun_utc", "ended_utc",
        "detected_utc", "certainty", "affected_homes", "homes_judged", "homes_silent", "sentence",
        "causes_considered",
    )  # fmt: skip
    rows = []
    for said in contents.findings:
        finding = said.finding
        words = explain(finding, names, contents.books.zone)
        rows.append(
            (
                said.id,
                said.revision,
                said.change.value,
                finding.kind.value,
                finding.level.value,
                finding.place,
                _utc(finding.start_s),
                _utc(finding.end_s),
                _utc(finding.detected_s),
                finding.certainty.value,
                len(finding.affected),
                finding.homes_judged,
                finding.homes_silent,
                f"{words.zh} / {words.en}",
                "; ".join((*words.causes_zh, *words.causes_en)),
            )  # fmt: skip
        )
    return Sheet("findings", columns, rows)


def _checks(contents: Contents) -> Sheet:
    rooms = contents.books.directory.tables["room"]
    sheet = _rows("spot_checks", contents.checks, contents)
    reasons = [
        "; ".join(doubts(row, rooms[row["room"]]["use"], contents.books.standard))
        for row in contents.checks
    ]
    return Sheet(
        sheet.title,
        (*sheet.columns, "why_not_official"),
        [(*row, reason) for row, reason in zip(sheet.rows, reasons, strict=True)],
    )


def _rows(title: str, rows: Sequence[Row], contents: Contents) -> Sheet:
    """Return registry rows as they stand; times in UTC."""
    columns = tuple(dict.fromkeys(key for row in rows for key in row))
    return Sheet(
        title, columns, [[_cell(key, row.get(key)) for key in columns] for row in rows],
        decimals=DECIMALS,
    )  # fmt: skip


def _cell(key: str, value: Any) -> Cell:
    if isinstance(value, bool):
        return _yes(value)
    return _utc(value) if key.endswith("_s") else value


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _utc(time_s: float | None) -> str:
    return "" if time_s is None else datetime.fromtimestamp(time_s, UTC).isoformat()


def _local(time_s: float, contents: Contents) -> str:
    return datetime.fromtimestamp(time_s, contents.books.zone).isoformat()


def facts_of(contents: Contents) -> dict[str, Any]:
    """Return what the manifest says of a pack."""
    subject, kept = contents.subject, contents.kept
    number, digest = kept.head
    facts: Mapping[str, Any] = {
        "subject": {
            "kind": subject.kind,
            "id": subject.id,
            "homes": list(subject.homes),
            "affected_homes": subject.affected,
        },
        "from_utc": _utc(subject.span[0]),
        "to_utc": _utc(subject.span[1]),
        "city": contents.books.standard.city,
        "made_utc": _utc(contents.made_s),
        "ledger": {"incarnation": kept.incarnation, "batch": number, "sha256": digest},
    }
    return dict(facts)
