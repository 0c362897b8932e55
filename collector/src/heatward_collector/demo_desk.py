"""What somebody at ``/demo`` asks for, and what came of it: two small files in the state folder.

The web process asks, the demo process does it and says how far it is. Neither waits for the other.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

import msgspec

from heatward_collector.whole_file import put_whole

from .config import Config

MOST_KEPT = 12
"""So many deeds are shown at most, the newest first."""


class Deed(StrEnum):
    """What can be tried on the demo district."""

    STOP_AT_NIGHT = "stop_at_night"
    CAP_SUPPLY = "cap_supply"
    OPEN_WINDOWS = "open_windows"
    PROBE_AT_RADIATOR = "probe_at_radiator"
    UNPLUG_NODE = "unplug_node"
    STOP_SERIES = "stop_series"


@dataclass(frozen=True, slots=True)
class Done:
    """One deed: running or finished."""

    number: int
    deed: Deed
    from_s: int
    """When it begins in the demo's time. [s UTC]"""
    to_s: int
    """When it ends in the demo's time. [s UTC]"""
    seen_until_s: int
    """Until when the demo plays on, so that it can be judged. [s UTC]"""
    place: str = ""
    """Id of the source, building, room or node it is done to; empty for the whole district."""
    share: float = 0.0
    """How much of it has been played, 0 to 1."""
    took_seconds: float = 0.0
    """Real time until the answer was there. [s]"""
    facts: Mapping[str, float] = field(default_factory=dict)
    """What was measured meanwhile, with the unit in the name."""
    is_finished: bool = False


class DemoDesk:
    """The desk of one demo; one process asks, another one answers."""

    def __init__(self, config: Config) -> None:
        self._folder = config.state.directory / "desk"
        self._request = self._folder / "request"
        self._answers = self._folder / "done.json"

    @property
    def is_staffed(self) -> bool:
        """Whether a demo runs that would do something."""
        return self._answers.exists()

    def ask(self, deed: Deed) -> bool:
        """Leave a request; False where one waits or runs already."""
        if self.is_busy or not self.is_staffed:
            return False
        try:
            descriptor = os.open(self._request, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        except FileExistsError:
            return False
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(deed)
        return True

    @property
    def is_busy(self) -> bool:
        """Whether a request waits or a deed runs."""
        return self._request.exists() or any(not one.is_finished for one in self.done()[:1])

    def done(self) -> list[Done]:
        """Return what was done, the newest first."""
        try:
            return msgspec.json.decode(self._answers.read_bytes(), type=list[Done])
        except FileNotFoundError:
            return []

    def open(self) -> None:
        """Begin with an empty desk: this process answers."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._request.unlink(missing_ok=True)
        self._write([])

    def take(self) -> Deed | None:
        """Return what is asked for, if anything; it stays asked for until it is noted."""
        try:
            return Deed(self._request.read_text(encoding="ascii"))
        except FileNotFoundError:
            return None
        except ValueError:  # just being written
            return None

    def note(self, done: Done) -> None:
        """Say how far a deed is; with its first note the request is done with."""
        others = [one for one in self.done() if one.number != done.number]
        self._write([done, *others][:MOST_KEPT])
        self._request.unlink(missing_ok=True)

    def next_number(self) -> int:
        """Return a number for the next deed."""
        return max((one.number for one in self.done()), default=0) + 1

    def _write(self, done: list[Done]) -> None:
        put_whole(self._answers, msgspec.json.encode(done))


def finished(done: Done, took_seconds: float, facts: Mapping[str, float]) -> Done:
    """Return a deed with its answer."""
    return replace(done, share=1.0, took_seconds=took_seconds, facts=dict(facts), is_finished=True)
