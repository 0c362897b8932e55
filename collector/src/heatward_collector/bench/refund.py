"""A season's refunds of many homes: from a verdict store on disk to a table of amounts."""

from __future__ import annotations

import functools
import sqlite3
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from heatward_collector.conclusions.findings import FindingStore
from heatward_collector.conclusions.verdicts import VerdictStore
from heatward_collector.core.standard import Rule, Standard
from heatward_collector.locale import ENGLISH, texts
from heatward_collector.papers.sheets import csv_bytes
from heatward_collector.refund import Books, accounts
from heatward_collector.refund.season_sheets import homes_sheet
from heatward_collector.registry import Directory, tables
from heatward_collector.rules import load_standard

WINTER = 2021
"""The season in which the standard changed: two rules, five tiers."""
HOMES_A_BUILDING = 50
INDICES = ("verdict_day", "verdict_provisional", "verdict_judged")
ONE_NOTICE_IN = 10
"""Homes of which one told its supplier."""
NOW_S = 1_660_000_000.0
"""Long after that season. [s UTC]"""
GUARD_KELVIN = 0.5
OTHERS = {
    "guard": GUARD_KELVIN, "calibrated": True, "offset": 0.0, "calibration_u": 0.1,
    "placement_u": 0.3, "hours_below": 0.0, "hours_possibly_below": 0.0, "degree_hours": 0.0,
}  # fmt: skip
"""What else a verdict's facts hold, so that a row is as long as a real one."""


@dataclass(frozen=True, slots=True)
class MeasuredRefund:
    """How long a season's refunds took."""

    home_days: int
    seconds: float
    cpu_s: float
    table_bytes: int
    yuan: float
    """What came out, so that nobody measures a table of nothing."""


def measure(home_days: int, seed: int, say: Callable[[str], None]) -> MeasuredRefund:
    """Write a season of verdicts, then time what a refund reads, settles and writes."""
    standard = load_standard("harbin")
    first, last = standard.season_of(WINTER)
    days = (last - first).days + 1
    homes = -(-home_days // days)
    content = _registry(homes, np.random.default_rng(seed))
    with tempfile.TemporaryDirectory() as folder:
        say(f"写入判定 / writing verdicts: {homes:,} 户 / homes x {days} 天 / days")
        path = Path(folder) / "verdicts.sqlite"
        VerdictStore(path).close()
        _write(path, standard, homes, seed)
        store = VerdictStore(path)
        findings = FindingStore(Path(folder) / "findings.sqlite")
        books = Books(standard, Directory(1, content), content, store, findings)
        began, cpu = time.perf_counter(), time.process_time()
        season = accounts(books, books.directory.homes, WINTER, NOW_S)
        table = csv_bytes(homes_sheet(season, books, texts(ENGLISH)))
        seconds, cpu_s = time.perf_counter() - began, time.process_time() - cpu
        books.close()
    return MeasuredRefund(
        homes * days, seconds, cpu_s, len(table), float(season.account.yuan[1].sum())
    )


def _registry(homes: int, random: np.random.Generator) -> dict[str, list[dict[str, Any]]]:
    content: dict[str, list[dict[str, Any]]] = {table.name: [] for table in tables.IMPORTED}
    names = {"name_zh": "基准", "name_en": "bench"}
    content["district"] = [{"id": "d", **names}]
    content["street"] = [{"id": "s", "district": "d", **names}]
    content["estate"] = [{"id": "e", "street": "s", **names}]
    content["supplier"] = [{"id": "u", **names}]
    content["source"] = [{"id": "o", "supplier": "u", **names}]
    content["substation"] = [{"id": "t", "source": "o", **names}]
    content["zone"] = [{"id": "z", "substation": "t", "emitter": "radiator", **names}]
    for building in range(-(-homes // HOMES_A_BUILDING)):
        content["building"].append({"id": f"b{building}", "estate": "e", **names})
        content["stairwell"].append({"id": f"w{building}", "building": f"b{building}", **names})
    for home, area in enumerate(random.uniform(40, 120, homes).round(1).tolist()):
        key = _home(home)
        row = {"id": key, "stairwell": f"w{home // HOMES_A_BUILDING}", "zone": "z", "floor": 1}
        content["home"].append({**row, "usable_area_m2": area, "metered": False})
        content["room"].append({"id": f"{key}-r1", "home": key, "use": "bedroom"})
        if home % ONE_NOTICE_IN == 0:
            given_s = 1_636_000_000 + int(random.integers(0, 100)) * 86_400
            content["resident_notice"].append({"id": f"n{home}", "home": key, "given_s": given_s})
    return content


def _write(path: Path, standard: Standard, homes: int, seed: int) -> None:
    """Put a season of rooms into the store, in the order in which it keeps them."""
    first, last = standard.season_of(WINTER)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    rules = [rule for rule in map(standard.rule_on, days) if rule is not None]
    random = np.random.default_rng([seed, 1])
    names = [day.isoformat() for day in days]
    connection = sqlite3.connect(path)
    # The store makes its indices again when it is opened; one by one they would cost the most.
    for name in INDICES:
        connection.execute(f"DROP INDEX {name}")
    for home in range(homes):
        celsius = random.normal(19.5, 1.5, len(days)).round(1).tolist()
        room = f"{_home(home)}-r1"
        rows = [
            (room, day, *_judged(value, rule))
            for day, value, rule in zip(names, celsius, rules, strict=True)
        ]
        connection.executemany(
            "INSERT INTO verdict VALUES ('room', ?, ?, 1, ?, 0, ?, 0, 1, ?)", rows
        )
    connection.commit()
    connection.close()


@functools.cache
def _judged(celsius: float, rule: Rule) -> tuple[str, str, str]:
    """Return verdict, rule and facts of a room that stood at one temperature all day."""
    hours = {
        str(tier.below_celsius): [
            20.0 * (celsius <= tier.below_celsius - GUARD_KELVIN),
            20.0 * (celsius < tier.below_celsius + GUARD_KELVIN),
        ]
        for tier in rule.tiers
    }
    facts = {"coverage": 1.0, "mean": celsius, "minimum": celsius, "refund_hours": hours, **OTHERS}
    word = "below" if celsius < rule.minimum_celsius else "met"
    text = msgspec.json.encode(facts).decode()
    return word, rule.version, text


def _home(number: int) -> str:
    return f"h{number:06d}"
