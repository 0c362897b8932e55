"""What the office may change from afar: how often a node measures, and how much it logs.

Asked for daily and at every start over the same connection as certificates, with the version that
runs, so that the office sees which nodes have taken an update. Out of bounds nothing changes: who
takes over the collector cannot silence a node, wear its card out or fill its disk.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from heatward_node import __version__
from heatward_node.enrolment import ANSWER_TIMEOUT_S, trusting

INTERVAL_RANGE_S = (60, 900)
LOG_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING}
MAX_ANSWER_BYTES = 1_024

_log = logging.getLogger(__name__)


class RemoteSettings:
    """The settings in force: those of the card, until the office says otherwise."""

    def __init__(
        self, url: str, node: str, ca_file: Path | None, interval_s: int, release: int = 0
    ) -> None:
        self._url = url
        self._question = f"node={node}&version={__version__}&release={release}"
        self._ca_file = ca_file
        self.interval_s = interval_s

    def step(self) -> None:
        """Ask, and take over what is within bounds. Raises OSError where nobody answers."""
        if self._ca_file is None:
            return
        url = f"{self._url}/v1/settings?{self._question}"
        with trusting(self._ca_file).open(url, timeout=ANSWER_TIMEOUT_S) as answer:
            self.take(answer.read(MAX_ANSWER_BYTES + 1))

    def take(self, payload: bytes) -> bool:
        """Take over settings; return whether all of them were within bounds."""
        try:
            wanted = json.loads(payload) if len(payload) <= MAX_ANSWER_BYTES else None
        except (ValueError, RecursionError):
            wanted = None
        if not isinstance(wanted, dict):
            _log.error("event=settings_refused reason=form")
            return False
        interval_s: Any = wanted.get("interval_seconds")
        level: Any = wanted.get("log_level")
        low, high = INTERVAL_RANGE_S
        is_whole = isinstance(interval_s, int) and not isinstance(interval_s, bool)
        if (
            not (is_whole and low <= interval_s <= high)
            or not isinstance(level, str)
            or level not in LOG_LEVELS
        ):
            _log.error("event=settings_refused interval=%r level=%r", interval_s, level)
            return False
        if interval_s != self.interval_s:
            _log.info("event=interval_changed seconds=%d", interval_s)
        self.interval_s = interval_s
        logging.getLogger().setLevel(LOG_LEVELS[level])
        return True
