"""Alarms to the operator: each is told once, and again only when it was over in between."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path

from heatward_collector.alerts.message import Text
from heatward_collector.alerts.operators import tell_operators
from heatward_collector.alerts.outbox import Outbox
from heatward_collector.errors import RegistryError
from heatward_collector.locale import CHINESE, ENGLISH, texts
from heatward_collector.registry import Registry
from heatward_collector.whole_file import put_whole

log = logging.getLogger(__name__)


class Alarms:
    """What is wrong now and since when, kept in a file so that a restart repeats nothing."""

    def __init__(self, path: Path, registry: Registry) -> None:
        self._path, self._registry = path, registry
        self._outbox = Outbox(registry.database)
        self._since = _read(path)
        self._told: set[str] = set()

    @property
    def codes(self) -> frozenset[str]:
        """What is wrong now."""
        return frozenset(self._since)

    def begin(self, code: str, text: Text, now_s: float) -> None:
        """Say that something is wrong; the operator is told where that is new.

        What cannot be told now, because the database is away, is told at the next look.
        """
        if code in self._told:
            return
        if code not in self._since:
            self._since[code] = int(now_s)
            self._keep()
            log.warning("event=operator_alarm code=%s", code)
        try:
            key = f"watch-{code}-{self._since[code]}"
            tell_operators(self._outbox, self._registry, key, text, int(now_s))
        except RegistryError as error:
            log.warning("event=operator_not_told code=%s error=%s", code, error)
            return
        self._told.add(code)

    def end(self, code: str) -> None:
        """Say that something is right again."""
        self._told.discard(code)
        if self._since.pop(code, None) is not None:
            self._keep()

    def _keep(self) -> None:
        try:
            put_whole(self._path, json.dumps(self._since))
        except OSError as error:  # on a full disk the alarm is worth more than its memory
            log.warning("event=alarms_not_kept error=%s", error)


def composed(
    title: str, body: str, remedy: str, words: Mapping[str, str] | None = None, **values: object
) -> Text:
    """Return a message in both languages: what is wrong, and what to do.

    ``words`` are values that are texts themselves, and translated like these.
    """
    titles, bodies = [], []
    for language in (CHINESE, ENGLISH):
        say = texts(language)
        filled = {**values, **{name: say(word) for name, word in (words or {}).items()}}
        titles.append(say(title, **filled))
        bodies.append(f"{say(body, **filled)}\n{say(remedy)}")
    return Text(*titles, *bodies)


def _read(path: Path) -> dict[str, int]:
    try:
        found = json.loads(path.read_text("ascii"))
        return {str(code): int(since) for code, since in found.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}
