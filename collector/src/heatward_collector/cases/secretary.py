"""Writes the messages that an event of a case makes due, into the event's own transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from heatward_collector.alerts.digest import next_digest
from heatward_collector.alerts.message import Message
from heatward_collector.alerts.outbox import put
from heatward_collector.alerts.recipients import Charge, Recipient, Recipients
from heatward_collector.alerts.texts import Facts, compose
from heatward_collector.cases.places import CasePlaces
from heatward_collector.cases.store import CaseChange
from heatward_collector.core.cases import Case, Event, HeatPlace
from heatward_collector.core.cases.deadlines import DeadlineRule
from heatward_collector.core.cases.telling import Audience, Policy, Telling, is_urgent, told
from heatward_collector.core.standard import Standard
from heatward_collector.core.suppression import Level
from heatward_collector.explain.names import Names
from heatward_collector.local_days import day_of
from heatward_collector.locale import ENGLISH, texts
from heatward_collector.registry import Directory, Registry
from heatward_collector.registry.choices import ROLE_SUBJECTS


@dataclass(frozen=True, slots=True)
class Office:
    """What one version of the registry says of places and people."""

    version: int
    directory: Directory
    places: CasePlaces
    recipients: Recipients
    names: Names


class Secretary:
    """Knows who is told what in which words."""

    def __init__(
        self,
        registry: Registry,
        standard: Standard,
        deadlines: tuple[DeadlineRule, ...],
        address: str,
    ) -> None:
        self._registry, self._standard = registry, standard
        self._deadlines, self._address = deadlines, address
        self.zone = ZoneInfo(standard.timezone)
        self._office: Office | None = None

    def office(self) -> Office:
        """Return what the registry says now."""
        version = self._registry.version()
        if self._office is None or self._office.version != version:
            directory = self._registry.directory()
            recipients = Recipients(
                directory.rows("person"),
                directory.rows("duty"),
                directory.rows("contact"),
                directory.tables["supplier"],
            )
            self._office = Office(
                directory.version, directory, CasePlaces(directory), recipients, Names(directory)
            )
        return self._office

    def tell(
        self, change: CaseChange, before: Case | None, case: Case, event: Event, now_s: float
    ) -> int:
        """Put what an event makes due into the outbox; return how many messages that were."""
        return put(change.connection, self.due(before, case, event, now_s))

    def due(self, before: Case | None, case: Case, event: Event, now_s: float) -> list[Message]:
        """Return the messages that an event makes due; the same ones however often asked."""
        office, today = self.office(), day_of(now_s, self.zone)
        urgent = is_urgent(case, now_s) or (before is not None and is_urgent(before, now_s))
        charge = office.places.charge(case.where)
        return [
            self._message(case, telling, recipient, charge, office, now_s, today)
            for telling in told(before, case, event, urgent)
            for recipient in office.recipients.of(telling.audience, charge, int(now_s), today)
        ]

    def deadlines(self, day: date) -> tuple[DeadlineRule, ...]:
        """Return the rules in force on a day, one a duty."""
        ordered = sorted(self._deadlines, key=lambda rule: rule.valid_from)
        return tuple({one.duty: one for one in ordered if one.valid_from <= day}.values())

    def suppliers(self, where: HeatPlace, now_s: float) -> list[tuple[str, str]]:
        """Return the suppliers of a place by id, each with its duty phone."""
        office = self.office()
        return _phones(office.places.charge(where), office, day_of(now_s, self.zone))

    def _message(
        self,
        case: Case,
        telling: Telling,
        recipient: Recipient,
        charge: Charge,
        office: Office,
        now_s: float,
        today: date,
    ) -> Message:
        key = f"{case.number}-{len(case.history) - 1}-{telling.audience}-{recipient.id}"
        due_s = int(now_s)
        if telling.policy is Policy.DIGEST:
            due_s = next_digest(now_s, self.zone)
        text = compose(
            case, telling.news, telling.audience, self._facts(charge, office, today), key
        )
        return Message(
            key,
            recipient.id,
            _name(recipient, office),
            recipient.phone,
            recipient.language,
            telling.audience.value,
            telling.policy,
            due_s,
            text,
            case.number,
            telling.news.value,
            _group(case, charge),
            int(now_s),
        )

    def _facts(self, charge: Charge, office: Office, today: date) -> Facts:
        rule = self._standard.rule_on(today)
        return Facts(
            office.names,
            self.zone,
            None if rule is None else rule.minimum_celsius,
            _phones(charge, office, today),
            self._address,
            self.deadlines(today),
        )


def _name(recipient: Recipient, office: Office) -> str:
    """Return the name of a recipient; of a role without a person, the place that lacks one."""
    if recipient.is_known or recipient.phone:
        return recipient.name
    role, _, subject = recipient.id.partition(":")
    say = texts(recipient.language)
    place = office.directory.name(ROLE_SUBJECTS[role], subject, recipient.language == ENGLISH)
    return say("%(place)s (nobody is registered)", place=place)


def _phones(charge: Charge, office: Office, today: date) -> list[tuple[str, str]]:
    found = []
    for one in charge.suppliers:
        phone = office.recipients.of(Audience.SUPPLIER, Charge(suppliers=(one,)), 0, today)[0].phone
        found.append((one, phone))
    return found


def _group(case: Case, charge: Charge) -> str:
    """Return by what digests group: the source, then the building."""
    source = charge.sources[0] if len(charge.sources) == 1 else ""
    building = case.where.id if case.where.level is Level.BUILDING else ""
    return f"{source}/{building}"
