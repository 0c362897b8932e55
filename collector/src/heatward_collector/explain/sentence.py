"""One finding as one sentence, in Chinese or English."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from heatward_collector.core.suppression import Certainty, Exclusion, Finding, Kind
from heatward_collector.explain.causes import DECLARATIONS, LIMITS, cause_of
from heatward_collector.explain.measures import clock, day, facts, length
from heatward_collector.explain.names import Names
from heatward_collector.explain.words import CERTAINTIES, KINDS, RULES, SIGNS
from heatward_collector.locale import CHINESE, ENGLISH, Texts, message, texts

ACUTE = (Kind.OUTAGE, Kind.NIGHT_INTERRUPTION, Kind.STOP_START)
EDGES = (Kind.LATE_START, Kind.EARLY_STOP)
NOT_THIS = message("not %(cause)s: %(why)s")
PERHAPS_THIS = message("perhaps %(cause)s: %(why)s")
EXCLUDED = message("considered and excluded: %(causes)s")
EXPLAINED = message("explained by: %(causes)s")
POSSIBLE = message("could not be excluded: %(causes)s")
LIMITED = message("what limits it: %(causes)s")
COOLED = message("%(affected)d of %(judged)d homes with data cooled together")
AFFECTED = message("%(affected)d of %(judged)d homes with data are affected")
SHOWN_FACTS = ("drop_kelvin", "shortfall_kelvin", "median_celsius", "heat_ratio")
"""The strength of a finding in its sentence; the other facts stand in the evidence."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A finding in both languages: the sentence, and one for each cause that was considered."""

    zh: str
    en: str
    causes_zh: tuple[str, ...]
    causes_en: tuple[str, ...]


def explain(finding: Finding, names: Names, zone: ZoneInfo) -> Explanation:
    """Put a finding into words; times are those of the rule's zone."""
    chinese, english = texts(CHINESE), texts(ENGLISH)
    return Explanation(
        sentence(finding, names, zone, chinese),
        sentence(finding, names, zone, english),
        tuple(considered(one, zone, chinese) for one in finding.excluded),
        tuple(considered(one, zone, english) for one in finding.excluded),
    )


def sentence(finding: Finding, names: Names, zone: ZoneInfo, say: Texts) -> str:
    """Return what happened, where, when, how strongly, to how many homes, and how sure that is."""
    headline = title(finding, names, say)
    clauses = [
        say("%(title)s: %(when)s", title=headline, when=when(finding, zone, say)),
        _homes(finding, say),
        *_strength(finding, zone, say),
        *_considered(finding, say),
        say(CERTAINTIES[finding.certainty]),
        say("rule: %(rule)s", rule=rule(finding, say)),
        say("said on %(when)s", when=clock(finding.detected_s, zone, say)),
    ]
    return say("; ").join(clauses) + say(".")


def title(finding: Finding, names: Names, say: Texts) -> str:
    """Return where and what, as for a headline."""
    where = names.titled(finding.level, finding.place, say)
    text = say("%(where)s, %(what)s", where=where, what=what(finding, say))
    return text[:1].upper() + text[1:]


def what(finding: Finding, say: Texts) -> str:
    """Return what happened in the words of the notice; what was seen, where nobody is accused."""
    if finding.certainty is Certainty.UNDETERMINED:
        return say(SIGNS[finding.kind])
    kind = say(KINDS[finding.kind])
    if finding.certainty is Certainty.DECLARED:
        return say("%(kind)s as declared", kind=kind)
    return kind


def rule(finding: Finding, say: Texts) -> str:
    """Return what the rule that fired looks for."""
    return say(RULES[finding.rule]) if finding.rule in RULES else finding.rule


def considered(exclusion: Exclusion, zone: ZoneInfo, say: Texts) -> str:
    """Return what is said of one cause, with its numbers."""
    cause = cause_of(exclusion.cause)
    text = say(cause.excluded if exclusion.is_excluded else cause.possible)
    numbers = facts(exclusion.facts, zone, say)
    if numbers:
        text = say("%(text)s (%(numbers)s)", text=text, numbers=say(", ").join(numbers))
    if exclusion.cause in LIMITS or (exclusion.cause in DECLARATIONS and not exclusion.is_excluded):
        return text
    pattern = NOT_THIS if exclusion.is_excluded else PERHAPS_THIS
    return say(pattern, cause=say(cause.name), why=text)


def when(finding: Finding, zone: ZoneInfo, say: Texts) -> str:
    """Return from when to when, or the days of a late start or an early stop."""
    if finding.kind in EDGES:
        return _edge(finding, zone, say)
    start = clock(finding.start_s, zone, say)
    if finding.end_s is None:
        return say("since %(start)s, still going on", start=start)
    return say(
        "from %(start)s to %(end)s, %(length)s",
        start=start,
        end=clock(finding.end_s, zone, say),
        length=length(finding.end_s - finding.start_s, say),
    )


def _edge(finding: Finding, zone: ZoneInfo, say: Texts) -> str:
    """Return the dates of a late start or an early stop, and whether rooms were warm enough."""
    start = day(finding.start_s, zone, say)
    if finding.kind is Kind.EARLY_STOP:
        return _stop(finding, start, say)
    if finding.end_s is None:
        return say("heat was due on %(day)s and has not come yet", day=start)
    on_s, came = finding.evidence.get("heat_on_s"), day(finding.end_s, zone, say)
    if isinstance(on_s, int | float) and on_s < finding.end_s:
        some = day(on_s, zone, say)
        text = say(
            "heat was due on %(day)s, some came on %(some)s and enough on %(on)s",
            day=start,
            some=some,
            on=came,
        )
    else:
        text = say("heat was due on %(day)s and came on %(on)s", day=start, on=came)
    reached = finding.evidence.get("standard_reached_s")
    if isinstance(reached, int | float):
        text += say(", ") + say("the standard was reached on %(day)s", day=day(reached, zone, say))
    return text


def _stop(finding: Finding, start: str, say: Texts) -> str:
    text = say("no heat since %(day)s", day=start)
    was_met = finding.evidence.get("standard_met")
    if was_met is None:
        return text
    if was_met:
        return text + say(", ") + say("rooms still met the standard when it was said")
    return text + say(", ") + say("rooms were below the standard when it was said")


def _homes(finding: Finding, say: Texts) -> str:
    pattern = COOLED if finding.kind in ACUTE else AFFECTED
    text = say(pattern, affected=len(finding.affected), judged=finding.homes_judged)
    if finding.homes_silent:
        text += say(", ") + say.plural(
            "%(n)d more home was silent", "%(n)d more homes were silent", finding.homes_silent
        )
    return text


def _strength(finding: Finding, zone: ZoneInfo, say: Texts) -> list[str]:
    shown = {key: finding.evidence[key] for key in SHOWN_FACTS if key in finding.evidence}
    numbers = facts(shown, zone, say)
    return [say(", ").join(numbers)] if numbers else []


def _considered(finding: Finding, say: Texts) -> list[str]:
    """Return the names of the causes that were excluded, of those that were not, and of limits."""
    patterns = (EXCLUDED, EXPLAINED, POSSIBLE, LIMITED)
    names: dict[str, list[str]] = {pattern: [] for pattern in patterns}
    for one in finding.excluded:
        name = say(cause_of(one.cause).name)
        if one.is_excluded:
            names[EXCLUDED] += [] if one.cause in LIMITS else [name]
        elif one.cause in LIMITS:
            names[LIMITED].append(name)
        else:
            names[EXPLAINED if one.cause in DECLARATIONS else POSSIBLE].append(name)
    return [
        say(pattern, causes=say("list separator").join(some))
        for pattern, some in names.items()
        if some
    ]
