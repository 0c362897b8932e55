"""How far the processes behind the ledger are, by what they say of themselves."""

from __future__ import annotations

from contextlib import closing

from heatward_collector.bench.ingest import is_ready, viewed, wait
from heatward_collector.config import Config
from heatward_collector.ledger import LedgerReader
from heatward_collector.running.status import read_status

RECEIVING = ("ingest", "view")
OURS = (*RECEIVING, "evaluate")
SETTLE_S = 1_800.0
LOOK_COUNTER = "findings_look_milliseconds"


def is_window_told(config: Config) -> bool:
    """Say whether all processes run, and evaluation has its window."""
    told = read_status(config.state.status, "evaluate")
    return is_ready(config, OURS) and told is not None and "window" in told["stages"]


def batches_behind(config: Config) -> int:
    """Return how many batches of the ledger view and evaluation have before them."""
    with closing(LedgerReader(config.state.ledger)) as reader:
        head = reader.head()[0]
    told = read_status(config.state.status, "evaluate")
    detail = "" if told is None else str(told["stages"]["window"]["detail"])
    taken = int(detail.split()[1].rstrip(",")) if detail else 0
    return head - min(viewed(config), taken)


def wait_until_followed(config: Config) -> None:
    """Wait until they have none; HeatwardError if it takes too long."""
    wait(lambda: batches_behind(config) == 0, SETTLE_S, "view or evaluation do not catch up")


def first_look_ms(config: Config) -> float | None:
    """Return what a look of the watch took, None while it had none. [ms]"""
    told = read_status(config.state.status, "evaluate")
    took: float | None = None if told is None else told["counters"].get(LOOK_COUNTER)
    return took


def verdicts_written(config: Config) -> int:
    """Return how many verdicts evaluation has written, new or changed."""
    told = read_status(config.state.status, "evaluate")
    return 0 if told is None else int(told["counters"].get("verdicts", 0))
