"""What a resident may get back this season, in plain sentences: an estimate, and what it needs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from heatward_collector.conclusions.findings import FindingStore
from heatward_collector.conclusions.verdicts import VerdictStore

from ...config import Config
from ...core.standard import winter_of
from ...refund import Books, accounts
from ...refund.money import yuan
from ...registry import Registry
from ...rules import load_standard
from ..frame.kept_open import KeptOpen
from ..words.formats import Formats

TABLES = ("resident_notice", "spot_check", "heat_meter", "suspension")
"""What an account reads of the registry beside the directory."""
CERTAIN, POSSIBLE = 0, 1


class RefundEstimates:
    """Settles one home's season from the stores, as ``heatward refund --home`` does."""

    def __init__(self, config: Config, now: Callable[[], float]) -> None:
        self._now = now
        self._standard = load_standard(config.rules.city, config.rules.file)
        self._stores = KeptOpen(
            lambda: (VerdictStore(config.state.verdicts), FindingStore(config.state.findings))
        )

    def sentences(self, registry: Registry, home: str, write: Formats) -> list[str]:
        """Return what the season comes to until now; nothing for a home that is not known."""
        directory, now_s = registry.directory(), self._now()
        if home not in directory.tables["home"]:
            return []
        tables = {name: registry.rows(name) for name in TABLES}
        with self._stores.used() as stores:
            books = Books(self._standard, directory, tables, *stores)
            winter = winter_of(datetime.fromtimestamp(now_s, books.zone).date())
            season = accounts(books, [home], winter, now_s)
        account, (one,) = season.account, season.homes
        return _told(
            write,
            judged=int(account.judged_days[0]),
            cold=int(account.days[CERTAIN, 0].sum() + account.unheated_days[0]),
            amounts=(yuan(account.yuan[CERTAIN, 0]), yuan(account.yuan[POSSIBLE, 0])),
            unclaimed=yuan(account.yuan_not_notified[POSSIBLE, 0]),
            unclaimed_days=int(account.days_not_notified[POSSIBLE, 0].sum()),
            remark=one.remark,
        )


def _told(
    write: Formats,
    judged: int,
    cold: int,
    amounts: tuple[float | None, float | None],
    unclaimed: float | None,
    unclaimed_days: int,
    remark: str,
) -> list[str]:
    say, (low, high) = write.say, amounts
    texts = [
        say(
            "Days of this season that could be judged: %(judged)d; days that count for a"
            " refund: %(cold)d.",
            judged=judged,
            cold=cold,
        )
    ]
    if low is None or high is None:
        texts.append(say("The amount is not known: %(why)s.", why=say(remark)))
    elif high > 0:
        texts.append(
            say(
                "By the sensors that comes to %(low)s to %(high)s yuan.",
                low=write.number(low, 2),
                high=write.number(high, 2),
            )
        )
    if unclaimed_days:
        texts.append(
            say(
                "%(days)d more cold days do not count, because nobody had told the supplier two"
                " days before.",
                days=unclaimed_days,
            )
            + (
                " "
                + say("They would come to up to %(yuan)s yuan.", yuan=write.number(unclaimed, 2))
                if unclaimed
                else ""
            )
        )
    texts.append(
        say(
            "This is an estimate. A certified measurement by the street office decides; days run"
            " from the day on which the supplier was told."
        )
    )
    return texts
