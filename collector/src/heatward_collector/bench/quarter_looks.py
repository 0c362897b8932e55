"""When the watch for suppressed heating looks at a quarter of an hour, and what that costs.

It looks once in each, at all homes: in a minute of a large city that is most of what evaluation
does, and fourteen others have nothing of it.
"""

from __future__ import annotations

import time
from contextlib import closing
from multiprocessing.connection import Connection

from heatward_collector.bench.city_load import CityLoad, Sent
from heatward_collector.bench.following import SETTLE_S, wait_until_followed
from heatward_collector.bench.ingest import wait
from heatward_collector.bench.telling import Tell
from heatward_collector.bench.usage import cpu_seconds
from heatward_collector.conclusions.findings import FindingStore
from heatward_collector.config import Config
from heatward_collector.core.suppression.stops.episode import SLOT_S, WATERMARK_S

HOUR_S = 3600
BEFORE_S = 10
"""A stretch over a look begins so long before it falls due. [s]"""
MOST_MINUTES = 6.0
"""A stretch over a look and one behind it, as long, must fit between two looks. [min]"""


def next_look(now_s: float) -> int:
    """Return when a look falls due next for which there is time to begin before it. [s UTC]

    Those at full hours are left out: verdicts of the hour that is over come with them.
    """
    due_s = -(-int(now_s + BEFORE_S + 1) // SLOT_S) * SLOT_S
    return due_s + SLOT_S if due_s % HOUR_S == 0 else due_s


def over_a_look(
    load: CityLoad,
    rate: float,
    seconds: float,
    config: Config,
    city: Connection,
    evaluation: int,
    tell: Tell,
) -> tuple[Sent, float]:
    """Send some seconds of the load over the next look, until it is through.

    As much is expected to be sent behind it. Returns what was sent, and the processor time of
    ``evaluation``, a pid. [s]
    """
    due_s = next_look(time.time())
    left_s = max(0.0, due_s - BEFORE_S - time.time())
    tell(f"到下一刻钟 / until the next quarter of an hour {left_s / 60:.1f} min ...")
    time.sleep(left_s)
    stretch = load.stretch(rate, seconds)
    # The last reading behind the look is measured when it is sent.
    spoken_s = stretch.messages * load.step_s / load.homes
    began_s = cpu_seconds(evaluation)
    city.send(load.stretch(rate, seconds, round(time.time() + 2 * (seconds - spoken_s))))
    sent: Sent = city.recv()
    wait(lambda: is_looked_at(config, due_s), SETTLE_S, "the watch is not through")
    wait_until_followed(config)
    return sent, cpu_seconds(evaluation) - began_s


def is_looked_at(config: Config, due_s: int) -> bool:
    """Say whether the look that fell due is through."""
    with closing(FindingStore(config.state.findings)) as findings:
        watched = findings.watched()
    return watched is not None and watched.until_s >= due_s - WATERMARK_S


def look_microseconds(look_s: float, rate: float) -> float:
    """Return what a look costs each reading of its quarter of an hour, at so many a second. [us]"""
    return 1e6 * look_s / (rate * SLOT_S)
