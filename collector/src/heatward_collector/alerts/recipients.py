"""Who hears of a place: the persons of the registry, by role, roster and date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from heatward_collector.alerts.message import INBOX
from heatward_collector.core.cases.telling import Audience
from heatward_collector.locale import CHINESE

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Charge:
    """The ids of those in charge of a place; more than one where it reaches so far."""

    sources: tuple[str, ...] = ()
    suppliers: tuple[str, ...] = ()
    streets: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who is told, by the channels of the day, the first one first."""

    id: str
    name: str
    phone: str
    channels: tuple[str, ...] = (INBOX,)
    language: str = CHINESE

    @property
    def is_known(self) -> bool:
        """Whether the registry names somebody."""
        return ":" not in self.id


class Recipients:
    """Lookups over the persons, rosters and contacts of one version of the registry."""

    def __init__(
        self,
        persons: Sequence[Row],
        roster: Sequence[Row],
        contacts: Sequence[Row],
        suppliers: Mapping[str, Row] | None = None,
    ) -> None:
        self._persons = {str(row["id"]): row for row in persons}
        self._roster = sorted(roster, key=lambda row: (row["rank"], -row["from_s"]))
        self._contacts = sorted(contacts, key=lambda row: row["rank"])
        self._suppliers = suppliers or {}

    def of(self, audience: Audience, place: Charge, now_s: int, today: date) -> list[Recipient]:
        """Return who is told; where nobody is registered, the role itself, so that it is seen."""
        if audience in (Audience.OFFICER, Audience.NEXT_OFFICER):
            return self._officers(place, now_s, today, audience is Audience.NEXT_OFFICER)
        if audience is Audience.SUPPLIER:
            return [self._duty_phone(one, today) for one in place.suppliers]
        if audience is Audience.STREET:
            return self._all("street_office", place.streets, today)
        if audience is Audience.DEPARTMENT:
            return self._department(place, today)
        role = "city_department" if audience is Audience.CITY else "heating_enforcement"
        return self._all(role, place.districts, today)

    def person(self, key: str, today: date) -> Recipient | None:
        """Return somebody by the id under which a message names them."""
        row = self._persons.get(key)
        return None if row is None else self._recipient(row, today)

    def _officers(self, place: Charge, now_s: int, today: date, is_next: bool) -> list[Recipient]:
        """Return the officer of each source: the person on the roster, or the one behind."""
        found = []
        for source in place.sources:
            on_duty = [
                str(row["person"])
                for row in self._roster
                if row["source"] == source and row["from_s"] <= now_s < row["to_s"]
            ]
            usual = [str(row["id"]) for row in self._of_role("responsible_officer", source, today)]
            order = list(dict.fromkeys([*on_duty, *usual]))
            some = order[1:2] if is_next else order[:1]
            found += [self._recipient(self._persons[one], today) for one in some]
            if not order:
                found.append(_nobody("responsible_officer", source))
        return found

    def _duty_phone(self, supplier: str, today: date) -> Recipient:
        rows = self._of_role("duty_phone", supplier, today)
        if rows:
            return self._recipient(rows[0], today)
        row = self._suppliers.get(supplier)
        phone = "" if row is None else str(row["duty_phone"] or "")
        name = supplier if row is None else str(row["name_zh"] or supplier)
        return Recipient(f"duty_phone:{supplier}", name, phone)

    def _department(self, place: Charge, today: date) -> list[Recipient]:
        """Return the district's department; for units that heat themselves, their authority."""
        own = [
            row
            for supplier in place.suppliers
            for row in self._of_role("self_heating_authority", supplier, today)[:1]
        ]
        if own and len(own) == len(place.suppliers):
            return [self._recipient(row, today) for row in own]
        return self._all("district_department", place.districts, today)

    def _all(self, role: str, subjects: Sequence[str], today: date) -> list[Recipient]:
        found = []
        for subject in subjects:
            rows = self._of_role(role, subject, today)
            found.append(self._recipient(rows[0], today) if rows else _nobody(role, subject))
        return found

    def _of_role(self, role: str, subject: str, today: date) -> list[Row]:
        """Return the persons of a role, the one who was named last first."""
        rows = [
            row
            for row in self._persons.values()
            if row["role"] == role
            and row["subject"] == subject
            and (row["from_day"] is None or row["from_day"] <= today)
        ]
        return sorted(rows, key=lambda row: (row["from_day"] or date.min, row["id"]), reverse=True)

    def _recipient(self, row: Row, today: date) -> Recipient:
        key, ways = str(row["id"]), self._ways(row, today)
        channels = tuple(dict.fromkeys(str(one["channel"]) for one in ways)) or (INBOX,)
        language = str(ways[0]["language"]) if ways else CHINESE
        return Recipient(key, str(row["name"]), str(row["phone"] or ""), channels, language)

    def _ways(self, row: Row, today: date) -> list[Row]:
        """Return the ways to somebody; a new number of the same name keeps those from before."""
        others = self._of_role(row["role"], row["subject"], today)
        for named in [row, *(one for one in others if one["name"] == row["name"])]:
            ways = [
                one
                for one in self._contacts
                if one["person"] == named["id"]
                and (one["from_day"] is None or one["from_day"] <= today)
                and (one["to_day"] is None or today <= one["to_day"])
            ]
            if ways:
                return ways
        return []


def _nobody(role: str, subject: str) -> Recipient:
    return Recipient(f"{role}:{subject}", f"{role}:{subject}", "")
