"""A season on paper: the sample district with verdicts written by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from heatward_collector.cases import CaseStore
from heatward_collector.conclusions.verdicts import DayVerdict, VerdictStore
from heatward_collector.config import Config, State
from heatward_collector.core.cases import CaseKind, Event, HeatPlace, What
from heatward_collector.core.suppression import Level
from heatward_collector.registry import open_registry, spreadsheets
from heatward_collector.registry.database import Database
from heatward_collector.rules import load_standard
from support.evidence import SAMPLE

HARBIN = load_standard("harbin")
ZONE = ZoneInfo("Asia/Shanghai")


def moment(text: str) -> int:
    """Return a local time such as 2021-10-22 08:00 in seconds UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp())


def room_day(room: str, day: date, celsius: float, guard: float = 0.0, **facts: Any) -> DayVerdict:
    """Return the verdict on a room that stood at one temperature all day."""
    rule = HARBIN.rule_on(day)
    assert rule is not None
    hours = {
        str(tier.below_celsius): [
            20.0 * (celsius <= tier.below_celsius - guard),
            20.0 * (celsius < tier.below_celsius + guard),
        ]
        for tier in rule.tiers
    }
    word = "below" if celsius < rule.minimum_celsius else "met"
    known = {"coverage": 1.0, "mean": celsius, "minimum": celsius, "refund_hours": hours, **facts}
    return DayVerdict("room", room, day, word, rule.version, known)


class SeasonBooks:
    """A state folder with the sample district, and a configuration that names it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = Config(state=State(folder))
        self.file = folder / "collector.toml"
        self.file.write_text(f'[state]\ndirectory = "{folder}"\n')
        self.registry = open_registry(self.config)
        spreadsheets.import_folder(self.registry, SAMPLE)

    def record(self, verdicts: Sequence[DayVerdict], judged_at: int = 0, batch: int = 7) -> None:
        """Keep verdicts as a judgement would."""
        store = VerdictStore(self.config.state.verdicts)
        store.record(verdicts, judged_at, batch)
        store.close()

    def put(self, **content: Sequence[Mapping[str, Any]]) -> None:
        """Put rows into the registry."""
        self.registry.put(content)


def told(key: str, home: str, when: str) -> dict[str, Any]:
    """Return a resident's notice."""
    return {
        "id": key,
        "home": home,
        "given_s": moment(when),
        "given_by": "resident",
        "given_to": "supplier",
        "channel": "phone",
        "recorded_s": moment(when),
        "note": None,
    }


def checked(key: str, room: str, when: str, celsius: float, **other: Any) -> dict[str, Any]:
    """Return a three-party measurement that is official unless something else is said."""
    return {
        "id": key,
        "room": room,
        "measured_s": moment(when),
        "celsius": celsius,
        "height_m": 1.4,
        "to_outer_wall_m": 1.5,
        "shut_minutes": 30,
        "instrument": "TM-1",
        "certificate": "HLJ-2021-7",
        "certificate_until": date(2022, 12, 31),
        "resident": "Wang",
        "supplier_person": "Li",
        "office_person": "Zhang",
        "photo": None,
        "recorded_s": moment(when),
        **other,
    }


def open_cold_case(database: Database, now_s: int) -> None:
    """Open a case of a building below the standard since yesterday, of one of its homes."""
    event = Event(
        What.OPENED,
        now_s - 7200,
        kind=CaseKind.BELOW_STANDARD,
        where=HeatPlace(Level.BUILDING, "b001"),
        sign="below:b001",
        revision=1,
        begun_s=now_s - 86_400,
        homes=("h0001",),
        buildings=("b001",),
    )
    with CaseStore(database).change() as change:
        change.open(event)
