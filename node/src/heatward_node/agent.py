"""One node: sample on the clock, keep, publish.

:meth:`Agent.sample` takes one round; :meth:`Agent.run` does it on the clock and lets the publisher
speak in between. Whatever the bus does becomes a record; nothing of it ends the loop.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from heatward_node.clock import Clock
from heatward_node.errors import JournalDamaged, JournalError, SensorError
from heatward_node.events import ClockFix, ClockStep, Fault, Signer, unsigned
from heatward_node.journal import Journal
from heatward_node.reading import Draft, Kind, Quality
from heatward_node.rom import NO_SENSOR
from heatward_node.sensor import Measurement, SensorBackend

FIX_EVERY_MS = 3_600_000
"""How often the pair of clocks is written down while the wall clock is synchronised."""
FIX_ERROR_MS = 500
"""Wall times of records are whole seconds: half a second off at most."""
STEP_MS = 1_000
"""A wall clock that moved more than this against the monotonic one was stepped."""
CHECKPOINT_EVERY_MS = 86_400_000
PUMP_SECONDS = 0.5
HELD_DRAFTS = 4_096
"""Records that wait in memory while the card refuses them: a day of 12 sensors."""

log = logging.getLogger(__name__)


class Pump(Protocol):
    """What the agent lets speak between rounds."""

    def __call__(self) -> None:
        """Pass on events and send what is due."""


class Agent:
    """Sampling and time keeping of one node, over its journal."""

    def __init__(
        self,
        backend: SensorBackend,
        clock: Clock,
        journal: Journal,
        sign: Signer = unsigned,
    ) -> None:
        self._backend = backend
        self._clock = clock
        self._journal = journal
        self._sign = sign
        self._last_fix_ms: int | None = None
        self._offset_ms: int | None = None
        self._last_checkpoint_ms: int | None = None
        self.is_refused = False
        """Whether the card refused the last round."""
        self.readings: int | None = None
        """How many readings the last round held; ``None`` before the first."""
        self._held: deque[Draft] = deque(maxlen=HELD_DRAFTS)

    def sample(self) -> int:
        """Measure every sensor and keep the round; return how many readings it holds.

        What the card refuses waits in memory, with the time of its measurement, for the next
        round. Raises JournalError.
        """
        stamp = self._journal.stamp()
        drafts = [
            draft._replace(stamp=stamp)
            for draft in (*self._time_drafts(), *self._measurement_drafts())
        ]
        self._held.extend(drafts)
        checkpoint = self._checkpoint_drafts()
        self._journal.append([*checkpoint, *self._held])
        self._held.clear()
        if checkpoint:
            self._last_checkpoint_ms = stamp.mono_ms
        self.is_refused = False
        self.readings = sum(draft.kind == Kind.READING for draft in drafts)
        return self.readings

    def run(
        self,
        interval_s: Callable[[], int],
        pump: Pump,
        is_stopped: Callable[[], bool],
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        """Sample at every multiple of ``interval_s()`` until stopped.

        The rhythm follows the wall clock where it is known, so that all homes are measured in the
        same seconds, and the monotonic clock where it is not.
        """
        last_slot = -1
        while not is_stopped():
            slot = self._slot(interval_s())
            try:
                if slot != last_slot:
                    last_slot = slot
                    self.sample()
                pump()
            except JournalDamaged:
                raise  # a restart opens a new file and saves what the broken one still holds
            except JournalError as error:
                self.is_refused = True
                log.error("event=journal_refused detail=%s", error)
            alive()
            time.sleep(PUMP_SECONDS)

    def _slot(self, interval_s: int) -> int:
        synchronised = self._clock.is_synchronised()
        now = self._clock.wall_s() if synchronised else self._clock.mono_ms() / 1000
        return int(now // interval_s)

    def _checkpoint_drafts(self) -> list[Draft]:
        """Return a checkpoint at boot and daily; it rides with the round and its one fsync."""
        last = self._last_checkpoint_ms
        if last is not None and self._clock.mono_ms() - last < CHECKPOINT_EVERY_MS:
            return []
        if last is not None:
            self._journal.prune()
        return [self._journal.checkpoint(self._sign)]

    def _time_drafts(self) -> list[Draft]:
        """Say how wall and monotonic time belong together, and whether the wall was moved."""
        if not self._clock.is_synchronised():
            return []
        now = self._clock.mono_ms()
        offset = round(self._clock.wall_s() * 1000) - now
        drafts = []
        moved = 0 if self._offset_ms is None else offset - self._offset_ms
        if abs(moved) > STEP_MS:
            drafts.append(Draft(Kind.CLOCK_STEP, ClockStep(moved).to_body()))
        self._offset_ms = offset
        due = self._last_fix_ms is None or now - self._last_fix_ms >= FIX_EVERY_MS
        if due or drafts:
            drafts.append(Draft(Kind.CLOCK_FIX, ClockFix(FIX_ERROR_MS).to_body()))
            self._last_fix_ms = now
        return drafts

    def _measurement_drafts(self) -> list[Draft]:
        try:
            measurements = self._backend.measure()
        except SensorError as error:
            return [_fault(NO_SENSOR, Quality(error.quality))]
        if not measurements:
            return [_fault(NO_SENSOR, Quality.SENSOR_GONE)]
        return [_draft(measurement) for measurement in measurements]


def _draft(measurement: Measurement) -> Draft:
    if not measurement.scratchpad:
        return _fault(measurement.rom, measurement.quality)
    return Draft(Kind.READING, measurement.rom + measurement.scratchpad, measurement.quality)


def _fault(rom: bytes, quality: Quality) -> Draft:
    return Draft(Kind.FAULT, Fault(rom).to_body(), quality)
