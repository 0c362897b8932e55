"""A case with the names, duties and figures that its papers need; nothing leads to one home."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from heatward_collector.alerts.recipients import Recipient, Recipients
from heatward_collector.alerts.texts import HOMES_FOR_FIGURES
from heatward_collector.cases import CaseStore
from heatward_collector.cases.places import CasePlaces
from heatward_collector.config import Config
from heatward_collector.core.cases import Case, What
from heatward_collector.core.cases.deadlines import Deadline, DeadlineRule, deadlines_of
from heatward_collector.core.cases.telling import Audience
from heatward_collector.core.standard import Rule, Standard
from heatward_collector.core.suppression import Level
from heatward_collector.errors import CaseRefused
from heatward_collector.explain.names import Names, listed
from heatward_collector.local_days import bounds, day_of
from heatward_collector.locale import ENGLISH, Texts
from heatward_collector.registry import Directory, open_registry
from heatward_collector.rules import load_standard
from heatward_collector.rules.deadlines import load_deadlines


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One case as its papers see it."""

    case: Case
    standard: Standard
    directory: Directory
    names: Names
    rules: tuple[DeadlineRule, ...]
    recipients: Recipients
    now_s: int

    @property
    def zone(self) -> ZoneInfo:
        """The city's time zone."""
        return ZoneInfo(self.standard.timezone)

    @property
    def today(self) -> date:
        """The local day on which the paper is made."""
        return day_of(self.now_s, self.zone)

    def rule(self) -> Rule | None:
        """Return the heating standard in force when the case began."""
        return self.standard.rule_on(day_of(self.case.begun_s, self.zone))

    def deadlines(self) -> tuple[Deadline, ...]:
        """Return the deadlines; none until the supplier was reached."""
        reached = self.case.first(What.REACHED_SUPPLIER)
        on = None if reached is None else day_of(reached.at_s, self.zone)
        return deadlines_of(self.case, self.rules, on)

    def people(self, audience: Audience) -> list[Recipient]:
        """Return who is in charge, by name where the registry knows it."""
        charge = CasePlaces(self.directory).charge(self.case.where)
        return self.recipients.of(audience, charge, self.now_s, self.today)

    def places(self, table: str, say: Texts) -> str:
        """Return the names of the districts, streets, sources or suppliers of the place."""
        charge = CasePlaces(self.directory).charge(self.case.where)
        ids: dict[str, Sequence[str]] = {
            "district": charge.districts,
            "street": charge.streets,
            "source": charge.sources,
            "supplier": charge.suppliers,
        }
        english = say.language == ENGLISH
        return listed([self.directory.name(table, one, english) for one in ids[table]], say)

    def buildings(self, say: Texts) -> str:
        """Return the names of the buildings."""
        english = say.language == ENGLISH
        return listed(
            [self.names.place(Level.BUILDING, one, english) for one in self.case.buildings], say
        )

    def median_celsius(self) -> float | None:
        """Return the newest median of the rooms; None where so few homes would be recognised."""
        if len(self.case.homes) < HOMES_FOR_FIGURES:
            return None
        return self.fact("median_celsius")

    def fact(self, name: str) -> float | None:
        """Return the newest value of a fact in this round."""
        for event in reversed(self.case.round):
            value = event.facts.get(name)
            if isinstance(value, int | float):
                return float(value)
        return None

    def at(self, what: What) -> int | None:
        """Return when something first happened in this round. [s UTC]"""
        event = self.case.first(what)
        return None if event is None else event.at_s


class CaseFiles:
    """The files of the cases that a configuration keeps."""

    def __init__(self, config: Config, now_s: int) -> None:
        self._registry = open_registry(config)
        self._store = CaseStore(self._registry.database)
        version, content = self._registry.content()
        self._directory = Directory(version, content)
        self._standard = load_standard(config.rules.city, config.rules.file)
        self._rules = load_deadlines(config.rules.city)
        self._recipients = Recipients(
            content["person"],
            content["duty"],
            content["contact"],
            {row["id"]: row for row in content["supplier"]},
        )
        self._now_s = now_s

    def one(self, number: int) -> CaseFile:
        """Return a case. Raises CaseRefused where there is none."""
        case = self._store.case(number)
        if case is None:
            raise CaseRefused(f"没有 {number} 号案件 / there is no case {number}")
        return self._file(case)

    def between(self, first_s: int | None, end_s: int | None) -> list[CaseFile]:
        """Return the cases that were opened in [first, end), by number."""
        return [self._file(case) for case in self._store.cases(first_s, end_s)]

    def midnight(self, day: date) -> int:
        """Return the first second of a local day. [s UTC]"""
        return bounds(day, ZoneInfo(self._standard.timezone))[0]

    def close(self) -> None:
        """Close the registry."""
        self._registry.close()

    def _file(self, case: Case) -> CaseFile:
        return CaseFile(
            case,
            self._standard,
            self._directory,
            Names(self._directory),
            self._rules,
            self._recipients,
            self._now_s,
        )
