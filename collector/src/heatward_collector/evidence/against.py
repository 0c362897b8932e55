"""What speaks against a pack's own evidence: said in it, so that nobody need find it elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from heatward_collector.core.compliance import COVERAGE_NEEDED
from heatward_collector.evidence.contents import Contents
from heatward_collector.explain.causes import cause_of
from heatward_collector.explain.measures import clock
from heatward_collector.locale import Texts, message
from heatward_collector.refund.selection import above
from heatward_collector.registry.choices import NOTICES
from heatward_collector.spot_checks.official import doubts

NOTICE_KINDS = {
    "reported_stop": message("reported stop"),
    "reported_repair": message("reported repair"),
    "pollution_staggering": message("staggered firing"),
    "announcement": message("announcement"),
}


def counter_evidence(contents: Contents, say: Texts) -> list[str]:
    """Return every weakness and every other explanation that is known; one line each."""
    found = [
        *_sensors(contents, say),
        *_days(contents, say),
        *_peers(contents, say),
        *_declared(contents, say),
        *_causes(contents, say),
        *_checks(contents, say),
    ]
    return found or [say("Nothing that speaks against it is known.")]


def _sensors(contents: Contents, say: Texts) -> Iterator[str]:
    calibrated = {row["sensor"] for row in contents.calibrations()}
    placed = {row["room"]: row for row in contents.placements()}
    sensors = {row["sensor"] for row in contents.assignments()} - calibrated
    if sensors:
        yield say(
            "Without calibration, so that they count with ±0.5 K: %(sensors)s",
            sensors=say("list separator").join(sorted(sensors)),
        )
    for point in contents.points:
        placement = placed.get(point.id)
        if placement is None or not placement["documented"]:
            yield say("How the sensor in room %(room)s hangs is not documented.", room=point.id)
        elif not placement["suitable"]:
            yield say("The sensor in room %(room)s hangs badly: not judged.", room=point.id)
    for home in contents.subject.homes:
        if any(contents.books.directory.is_suspended(home, day) for day in contents.days):
            yield say("Home %(home)s has suspended its service.", home=home)


def _days(contents: Contents, say: Texts) -> Iterator[str]:
    newest = list(contents.newest().values())
    short = sum((one.facts.get("coverage") or 0.0) < COVERAGE_NEEDED for one in newest)
    silent = len(contents.points) * len(contents.days) - len(newest)
    marginal = sum(one.verdict.startswith("marginal") for one in newest)
    met = sum(one.verdict == "met" for one in newest)
    revised = sum(one.revision > 1 for one in newest)
    stuck = sum(bool(one.facts.get("hours_stuck")) for one in newest)
    if short + silent:
        yield say.plural(
            "%(n)d room-day has too few readings to be judged.",
            "%(n)d room-days have too few readings to be judged.",
            short + silent,
        )
    if marginal:
        yield say.plural(
            "%(n)d room-day lies within the measurement uncertainty.",
            "%(n)d room-days lie within the measurement uncertainty.",
            marginal,
        )
    if met:
        yield say.plural(
            "%(n)d room-day met the standard.", "%(n)d room-days met the standard.", met
        )
    if revised:
        yield say.plural(
            "%(n)d verdict was revised by later readings or edits.",
            "%(n)d verdicts were revised by later readings or edits.",
            revised,
        )
    if stuck:
        yield say.plural(
            "On %(n)d room-day a sensor stood still and was left out for hours.",
            "On %(n)d room-days a sensor stood still and was left out for hours.",
            stuck,
        )


def _peers(contents: Contents, say: Texts) -> Iterator[str]:
    of_building = [one for one in contents.peers if one.level == "building"]
    if not any(one.homes for one in of_building):
        yield say("No other home of the building is measured: nothing to compare with.")
        return
    warm = sum(one.homes > 0 and 2 * one.below < one.homes for one in of_building)
    if warm:
        yield say.plural(
            "On %(n)d day most other measured homes of the building were not below.",
            "On %(n)d days most other measured homes of the building were not below.",
            warm,
        )


def _declared(contents: Contents, say: Texts) -> Iterator[str]:
    zone = contents.books.zone
    for row in contents.declarations:
        if row.get("kind") in NOTICES and row["kind"] != "announcement":
            late = row["recorded_s"] > row["from_s"]
            declared = NOTICE_KINDS[row["kind"]]
            text = say(
                "Declared: %(kind)s from %(start)s: %(text)s",
                kind=say(declared),
                start=clock(row["from_s"], zone, say),
                text=row["text"],
            )
            yield text + (say(" (declared afterwards)") if late else "")
        elif "hours" in row:
            yield say("Declared operating hours of the source: %(hours)s", hours=row["hours"])


def _causes(contents: Contents, say: Texts) -> Iterator[str]:
    """Yield the causes that could not be excluded for findings of the building."""
    names = {
        one.cause
        for said in contents.findings
        if not said.is_withdrawn
        for one in said.finding.excluded
        if not one.is_excluded
    }
    for name in sorted(names):
        yield say("Could not be excluded: %(cause)s", cause=say(cause_of(name).name))
    for said in contents.findings:
        if said.is_withdrawn:
            yield say("A finding was said and taken back: %(id)s", id=said.id)


def _checks(contents: Contents, say: Texts) -> Iterator[str]:
    rooms, standard = contents.books.directory.tables["room"], contents.books.standard
    for row in contents.checks:
        moment = datetime.fromtimestamp(row["measured_s"], contents.books.zone)
        reasons = doubts(row, rooms[row["room"]]["use"], standard)
        rule = standard.rule_on(moment.date())
        if reasons:
            yield say(
                "The measurement of %(when)s is not official: %(why)s",
                when=clock(row["measured_s"], contents.books.zone, say),
                why=say("list separator").join(say(one) for one in reasons),
            )
        elif rule is not None and row["celsius"] >= rule.minimum_celsius:
            yield say(
                "On site %(celsius)s °C were measured on %(when)s: the standard was met.",
                celsius=f"{row['celsius']:.1f}",
                when=clock(row["measured_s"], contents.books.zone, say),
            )


def supplier_of(contents: Contents, say: Texts) -> str:
    """Return the supplier of the subject's homes."""
    directory = contents.books.directory
    ids = {above(directory, "supplier", home) for home in contents.subject.homes}
    english = say.language == "en"
    return say(", ").join(directory.name("supplier", one, english) for one in sorted(ids))
