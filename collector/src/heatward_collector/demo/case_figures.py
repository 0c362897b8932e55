"""How many cases a demo has made, once the cases are as new as the findings."""

from __future__ import annotations

import time

from heatward_collector.cases import CaseStore
from heatward_collector.conclusions.findings import FindingStore
from heatward_collector.config import Config
from heatward_collector.errors import HeatwardError
from heatward_collector.registry import open_registry
from heatward_collector.running.status import read_status

PATIENCE_S = 90.0
POLL_S = 0.5


def case_figures(config: Config, patience_s: float = PATIENCE_S) -> dict[str, int]:
    """Return opened, notified, closed and still open cases, counted in the database.

    Raises
    ------
    HeatwardError
        If cases or messages do not catch up with the findings in time.
    """
    findings = FindingStore(config.state.findings)
    watched = findings.watched()
    findings.close()
    looked_at = 0 if watched is None else watched.looked_at
    ends = time.monotonic() + patience_s
    while not _is_done(config, looked_at):
        if time.monotonic() > ends:
            raise HeatwardError(f"cases do not catch up within {patience_s:.0f} s; see the log")
        time.sleep(POLL_S)
    registry = open_registry(config)
    figures = CaseStore(registry.database).figures()
    registry.close()
    return {
        "opened": figures.opened,
        "notified": figures.notified,
        "closed": figures.closed,
        "merged": figures.merged,
        "still_open": figures.still_open,
    }


def _is_done(config: Config, looked_at: int) -> bool:
    """Ask the status files: cases have seen the newest findings, and no message waits."""
    cases = read_status(config.state.status, "cases")
    notify = read_status(config.state.status, "notify")
    if cases is None or notify is None or "messages" not in notify["stages"]:
        return False
    seen = cases["counters"].get("findings_at", -1) >= looked_at
    is_later = notify["updated_at"] > cases["stages"].get("cases", {}).get("last_success", 0)
    return bool(seen and is_later and notify["counters"].get("messages_waiting", 1) == 0)
