"""The watch over cases: opens, joins, merges, reopens and closes them by what is measured.

It looks at the newest findings and verdicts and compares them with what the cases know, so it may
die at any time: the next look does what is still to be done, and nothing twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from heatward_collector.cases.clerk import Clerk
from heatward_collector.cases.cold import look_at_buildings
from heatward_collector.cases.measured import newest_whole_day, recovery_of
from heatward_collector.cases.secretary import Secretary
from heatward_collector.cases.signs import BACKLOG_DAYS, of_finding
from heatward_collector.cases.store import CaseStore
from heatward_collector.conclusions.findings import FindingStore
from heatward_collector.conclusions.verdicts import VerdictStore
from heatward_collector.core.cases import Case, CaseKind, Event, State, What
from heatward_collector.core.cases.deadlines import Duty, deadlines_of
from heatward_collector.core.cases.ladder import rung_due
from heatward_collector.core.cases.placing import source_cases
from heatward_collector.core.cases.recovery import Outcome, Recovery
from heatward_collector.core.cases.telling import is_urgent
from heatward_collector.core.standard import Standard
from heatward_collector.local_days import day_of
from heatward_collector.registry import Registry

DAY_S = 86_400
REFUTED_S = DAY_S
"""Heat that is still missing so long after it was said to be back refutes it. [s]"""


class CaseWatch:
    """Keeps the cases equal to what findings and verdicts say.

    Where several collectors share one store of cases, those of one ``district``.
    """

    def __init__(
        self,
        store: CaseStore,
        findings: FindingStore,
        verdicts: VerdictStore,
        registry: Registry,
        secretary: Secretary,
        standard: Standard,
        clock: Callable[[], float],
        district: str | None = None,
    ) -> None:
        self._store, self._findings, self._verdicts = store, findings, verdicts
        self._registry, self._secretary, self._standard = registry, secretary, standard
        self._clock, self._district = clock, district
        self.counters: Counter[str] = Counter()

    def look(self) -> int:
        """Look once, in one transaction; return how many events were written."""
        now_s = int(self._clock())
        self._secretary.office()
        with self._store.change() as change:
            clerk = Clerk(
                change, self._secretary, self._registry, self._standard, now_s, self._district
            )
            self._bring_findings(clerk)
            look_at_buildings(clerk, self._verdicts)
            self._merge(clerk)
            self._recover(clerk)
            self._remind(clerk)
        self.counters["case_events"] += clerk.written
        return clerk.written

    def _bring_findings(self, clerk: Clerk) -> None:
        """Bring what is new of findings to the cases; new ones before those withdrawn for them."""
        since = clerk.now_s - BACKLOG_DAYS * DAY_S
        signs = [of_finding(said) for said in self._findings.latest(since)]
        known = clerk.holders([sign.id for sign in signs])
        for sign in sorted(signs, key=lambda one: (one.is_withdrawn, one.begun_s, one.id)):
            if sign.id in known:
                clerk.renew(known[sign.id], sign)
            elif not sign.is_withdrawn:
                clerk.place(sign)

    def _merge(self, clerk: Clerk) -> None:
        """Let buildings whose cases are together their source's become one case."""
        day = newest_whole_day(clerk.now_s, clerk.zone)
        heard = self._verdicts.of_day("building", day)

        def judged(source: str) -> int:
            return sum(one in heard for one in clerk.places.buildings_of_source(source))

        for place, choice in source_cases(clerk.live(), clerk.places.source_of, judged):
            clerk.merge(place, choice)

    def _recover(self, clerk: Clerk) -> None:
        """Close what is measured warm again; say where nobody can tell; refute claims."""
        today = day_of(clerk.now_s, clerk.zone)
        for case in clerk.live():
            if case.kind is CaseKind.EARLY_STOP and not self._standard.in_season(today):
                clerk.record(case, Event(What.SEASON_OVER, clerk.now_s))
                continue
            if _is_refuted(case, clerk.now_s):
                case = clerk.record(case, Event(What.CLAIM_REFUTED, clerk.now_s))
            recovery = recovery_of(case, self._verdicts, clerk.now_s, clerk.zone)
            event = _of_recovery(case, recovery, clerk.now_s)
            if event is not None:
                clerk.record(case, event)

    def _remind(self, clerk: Clerk) -> None:
        """Climb the ladder where nobody answers, and note deadlines that have passed."""
        for case in clerk.live():
            urgent = is_urgent(case, clerk.now_s)
            while (rung := rung_due(case, urgent, clerk.now_s)) is not None:
                climbed = Event(What.CLIMBED, clerk.now_s, reason=rung.value)
                case = clerk.record(case, climbed)
            for duty in self._missed(case, clerk.now_s):
                overdue = Event(What.OVERDUE, clerk.now_s, reason=duty.value)
                case = clerk.record(case, overdue)

    def _missed(self, case: Case, now_s: int) -> list[Duty]:
        reached = case.first(What.REACHED_SUPPLIER)
        if reached is None:
            return []
        day = day_of(reached.at_s, self._secretary.zone)
        noted = {one.reason for one in case.round if one.what is What.OVERDUE}
        return [
            one.duty
            for one in deadlines_of(case, self._secretary.deadlines(day), day)
            if one.is_pending() and one.is_missed(now_s) and one.duty.value not in noted
        ]


def _of_recovery(case: Case, recovery: Recovery, now_s: int) -> Event | None:
    """Return the event that a recovery makes, None where nothing is new."""
    what = None
    if recovery.outcome is Outcome.RECOVERED:
        what = What.RECOVERED
    elif recovery.outcome is Outcome.NOT_JUDGEABLE:
        what = What.NOT_JUDGEABLE if case.is_judgeable else None
    elif not case.is_judgeable:
        what = What.JUDGEABLE_AGAIN
    if what is None:
        return None
    facts: dict[str, float | str] = {
        "homes": recovery.homes,
        "reporting": recovery.reporting,
        "warm": recovery.warm,
        "quiet_nights": recovery.quiet_nights,
    }
    if recovery.day is not None:
        facts["day"] = recovery.day.isoformat()
    return Event(what, now_s, facts=facts)


def _is_refuted(case: Case, now_s: int) -> bool:
    claim = case.last(What.CLAIMED_FIXED)
    if case.state is not State.CLAIMED_FIXED or claim is None or not case.lasts:
        return False
    is_new = any(sign.is_open and sign.begun_s > claim.at_s for sign in case.signs)
    return is_new or now_s - claim.at_s >= REFUTED_S
