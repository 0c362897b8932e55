"""The order to remedy a case: one page of A4 with room for a stamp and for the answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from heatward_collector.alerts.recipients import Recipient
from heatward_collector.alerts.texts import place_name, situation
from heatward_collector.alerts.words import DUTIES, STATES, kind_word
from heatward_collector.core.cases import What
from heatward_collector.core.cases.deadlines import Duty
from heatward_collector.core.cases.kinds import ENFORCED, CaseKind
from heatward_collector.core.cases.telling import Audience
from heatward_collector.explain.measures import clock, degree
from heatward_collector.local_days import day_of
from heatward_collector.locale import CHINESE, ENGLISH, Texts
from heatward_collector.papers.printing import print_pages
from heatward_collector.registry.choices import ROLE_SUBJECTS
from heatward_collector.supervision.addresses import addresses_of
from heatward_collector.supervision.case_file import CaseFile


def order(file: CaseFile, say: Texts) -> bytes:
    """Return the order as PDF."""
    is_chinese = say.language == CHINESE
    made = datetime.fromtimestamp(file.now_s, file.zone)
    data: dict[str, Any] = {
        "title": say("Order to remedy a heating problem"),
        "number": say("No. %(year)d-%(number)04d", year=made.year, number=file.case.number),
        "lang": "zh" if is_chinese else "en",
        "region": "cn" if is_chinese else "gb",
        "footer": say(
            "Made by Heatward from measured room temperatures, case %(number)d",
            number=file.case.number,
        ),
        "rows": order_rows(file, say),
        "stamp": say("Issued by (stamp)"),
        "date": say("Date"),
        "receipt": say("Received by the supplier (signature, date, time)"),
        "answer": say("What was done, with temperatures measured on site (to be filled in)"),
        "closing": say(
            "The case is closed when the rooms themselves are measured warm again, "
            "not by an answer."
        ),
        "made": say.pick(f"{made.year}年{made.month}月{made.day}日", f"{made:%Y-%m-%d}"),
    }
    return print_pages("order", data, file.now_s)


def order_rows(file: CaseFile, say: Texts) -> list[list[str]]:
    """Return what an order says, row by row: a word, and what it is."""
    case = file.case
    enforcement = file.people(Audience.ENFORCEMENT) if case.kind in ENFORCED else []
    copies = [*file.people(Audience.DEPARTMENT), *file.people(Audience.STREET), *enforcement]
    officers = [one for one in file.people(Audience.OFFICER) if one.is_known]
    rows = [
        [say("To"), _supplier(file, say)],
        [say("Copies"), _people(file, copies, say)],
        [say("What"), kind_word(case.kind, say)],
        [say("Where"), _where(file, say)],
        [say("Addresses"), "\n".join(_addresses(file, say))],
        [say("Since when"), situation(case, file.zone, say)],
        [say("Measured"), _measured(file, say)],
        [say("Basis"), _basis(file, say)],
        [say("Due"), "\n".join(_due(file, say))],
        [say("Responsible officer"), _people(file, officers, say)],
        [say("State"), say(STATES[case.state])],
    ]
    return [row for row in rows if row[1]]


def _where(file: CaseFile, say: Texts) -> str:
    parts = [file.places("district", say), file.places("street", say)]
    place, buildings = place_name(file.case, file.names, say), file.buildings(say)
    text = say(", ").join([*(part for part in parts if part), place])
    return f"{text}\n{buildings}" if buildings and buildings not in place else text


def _addresses(file: CaseFile, say: Texts) -> list[str]:
    """Return the addresses that residents have let the supplier know, each with its day."""
    return [
        say("%(where)s, by consent of %(day)s", where=one.where, day=day_of(one.since_s, file.zone))
        for one in addresses_of(file.case, file.directory, say)
    ]


def _measured(file: CaseFile, say: Texts) -> str:
    case, celsius, rule = file.case, file.median_celsius(), file.rule()
    parts = [say.plural("%(n)d home affected", "%(n)d homes affected", len(case.homes))]
    if celsius is not None:
        parts.append(say("median room %(value)s", value=f"{celsius:.1f} {degree(say)}"))
    outdoor = file.fact("outdoor_celsius")
    if outdoor is not None:
        text = f"{outdoor:.1f} {degree(say)}".replace("-", "−")
        parts.append(say("outdoors %(value)s", value=text))
    if rule is not None:
        limit = f"{rule.minimum_celsius:g} {degree(say)}"
        parts.append(say("the standard is %(value)s", value=limit))
    if any("declared_afterwards" in one.facts for one in case.round):
        parts.append(say("It was declared only afterwards: that explains nothing."))
    return say(", ").join(parts)


def _basis(file: CaseFile, say: Texts) -> str:
    rule = file.rule()
    return "" if rule is None else say.half(rule.source)


def _due(file: CaseFile, say: Texts) -> list[str]:
    """Return what is due until when; in hours from delivery where nothing was delivered yet."""
    deadlines = file.deadlines()
    if deadlines:
        return [
            say(
                "%(what)s by %(when)s",
                what=say(DUTIES[one.duty]),
                when=clock(one.due_s, file.zone, say),
            )
            for one in deadlines
        ]
    is_outage = file.case.kind is CaseKind.OUTAGE
    return [
        say("%(what)s within %(hours)d h", what=say(DUTIES[rule.duty]), hours=rule.hours)
        + say(" from the delivery of this order")
        for rule in file.rules
        if rule.valid_from <= file.today
        and (rule.duty is Duty.ON_SITE or rule.outages_only == is_outage)
    ]


def _people(file: CaseFile, people: list[Recipient], say: Texts) -> str:
    """Return names and phones; where nobody is registered, the name of the office itself."""
    found = []
    for one in people:
        name = one.name
        if not one.is_known:
            role, _, subject = one.id.partition(":")
            name = file.directory.name(ROLE_SUBJECTS[role], subject, say.language == ENGLISH)
        found.append(f"{name} {one.phone}".strip())
    return say("list separator").join(dict.fromkeys(found))


def _supplier(file: CaseFile, say: Texts) -> str:
    phones = [one.phone for one in file.people(Audience.SUPPLIER) if one.phone]
    return say(", ").join([file.places("supplier", say), *dict.fromkeys(phones)])


def chat_text(file: CaseFile, say: Texts) -> str:
    """Return a text to be pasted into a group: place, since when, how cold, whom to call."""
    case, reached = file.case, file.at(What.REACHED_SUPPLIER)
    lines = [
        say(
            "[Heating] %(where)s: %(what)s",
            where=place_name(case, file.names, say),
            what=kind_word(case.kind, say),
        ),
        say("When: %(when)s", when=situation(case, file.zone, say)),
        say("Measured: %(measured)s", measured=_measured(file, say)),
        say("Supplier: %(supplier)s", supplier=_supplier(file, say)),
        say("State: %(state)s", state=say(STATES[case.state])),
    ]
    if reached is not None and case.is_live:
        lines.append(say("Due: %(due)s", due=say("; ").join(_due(file, say))))
    lines.append(say("Case %(number)d", number=case.number))
    return "\n".join(lines)
