"""A home leaves: the card is wiped once the collector has everything that was measured.

``wipe.txt`` on the card's first partition asks for it, so whoever holds the card decides, and
nobody over the network. What is evidence must reach the ledger first; only then root's
``wipe-node`` is asked.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from heatward_node.whole_file import put_private

WANTED = "wipe-wanted"
"""A mark in the runtime folder that ``prepare-node`` sets where it finds ``wipe.txt``."""
ASKED = "wipe"
"""The file in the state folder that the unit ``heatward-wipe.path`` waits for."""

_log = logging.getLogger(__name__)


class Leaving:
    """Asks for the wipe when it is wanted and nothing would be lost."""

    def __init__(self, state: Path, runtime: Path | None = None) -> None:
        folder = runtime or Path(os.environ.get("RUNTIME_DIRECTORY", "/run/heatward"))
        self._is_wanted = (folder / WANTED).exists()
        self._asked = state / ASKED

    def look(self, is_everything_kept: bool) -> bool:
        """Ask once the collector has all records on its disk; return whether that was now."""
        if not self._is_wanted or not is_everything_kept:
            return False
        self._is_wanted = False
        put_private(self._asked, b"")
        _log.info("event=wipe_asked")
        return True
