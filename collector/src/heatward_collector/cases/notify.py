"""The notify process: sends what the outbox holds, and writes into the cases whom it reached."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from sqlalchemy import Connection

from heatward_collector.alerts.addresses import read_addresses
from heatward_collector.alerts.channels import open_channels
from heatward_collector.alerts.message import INBOX, Message
from heatward_collector.alerts.outbox import Also, Outbox
from heatward_collector.alerts.sender import Notifier
from heatward_collector.cases import CaseChange, CaseStore
from heatward_collector.cases.process import secretary_of
from heatward_collector.config import Config
from heatward_collector.core.cases import Event, What
from heatward_collector.core.cases.telling import Audience, News
from heatward_collector.local_days import day_of
from heatward_collector.locale import CHINESE, ENGLISH, message, texts
from heatward_collector.registry import open_registry
from heatward_collector.running.event_clock import clock_of
from heatward_collector.running.status import StatusWriter

POLL_SECONDS = 0.5
STUCK_S = 3600
"""What cannot be sent for so long is a fault of the system. [s]"""
NOTIFIER_SEAT = 0x4E4F_5449
"""Of several collectors on one PostgreSQL one sends what the outbox holds, for all."""
_CALLS = frozenset({News.OPENED.value, News.RELAPSED.value, News.UNANSWERED.value})
"""News that want an answer."""


def written_into_cases(parts: Sequence[Message], channel: str, now_s: int) -> Also:
    """Return what is written into cases once messages have arrived, in the same transaction.

    The supplier is reached only where a message left the house: our own inbox is no delivery.
    """

    def write(connection: Connection) -> None:
        change = CaseChange(connection)
        for part in parts:
            if part.case and part.news in _CALLS:
                told = f"{part.audience}: {part.name}"
                change.record(part.case, Event(What.NOTIFIED, now_s, reason=told))
                if part.audience == Audience.SUPPLIER and channel != INBOX:
                    change.record(part.case, Event(What.REACHED_SUPPLIER, now_s, reason=told))

    return write


def run(config: Config, stop: threading.Event) -> None:
    """Send until told to stop."""
    status = StatusWriter(config.state.status, "notify")
    registry = open_registry(config)
    CaseStore(registry.database)
    outbox, secretary = Outbox(registry.database), secretary_of(config, registry)
    clock = clock_of(config)
    channels = open_channels(read_addresses(config.alerts.channels_file))
    notifier = Notifier(
        outbox,
        channels,
        lambda: secretary.office().recipients,
        lambda: secretary.office().names,
        clock,
        lambda: day_of(clock(), secretary.zone),
        written_into_cases,
    )
    seat = registry.database.seat(NOTIFIER_SEAT)
    while not stop.is_set():
        moved = notifier.step() if seat.is_ours() else 0
        _report(status, outbox, notifier, bool(channels), clock())
        if not moved:
            stop.wait(POLL_SECONDS)
    status.flush(force=True)
    seat.leave()
    registry.close()


def _report(
    status: StatusWriter, outbox: Outbox, notifier: Notifier, has_channels: bool, now_s: float
) -> None:
    counts, stuck = outbox.counts(), outbox.stuck(now_s - STUCK_S)
    waiting = counts.get("waiting", 0)
    # Without a channel nothing leaves the house, whatever the outbox has done with it.
    done = "sent" if has_channels else "on the page only"
    status.stage("messages", detail=f"{counts.get('sent', 0)} {done}, {waiting} waiting")
    numbers = {"messages_waiting": waiting, "messages_stuck": len(stuck)}
    status.count({**notifier.counters, **numbers})
    if stuck:
        text = message("%(n)d messages cannot be sent; the last answer was: %(answer)s")
        remedy = message("Look at the inbox page, and check the channel with heatward alert test.")
        zh, en = texts(CHINESE), texts(ENGLISH)
        values = {"n": len(stuck), "answer": stuck[-1].answer}
        status.fault(
            "messages_stuck", zh(text, **values), en(text, **values), zh(remedy), en(remedy)
        )
    else:
        status.clear_fault("messages_stuck")
    status.flush()
