"""The findings from the state folder, and the curves around them from the time series."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from heatward_collector.conclusions.findings import FindingStore, SaidFinding
from heatward_collector.evaluation.heat_network import network_of
from heatward_collector.outdoor.temperatures import OutdoorSeries, OutdoorStore, from_sensors

from ...config import Config
from ...core.suppression import Finding
from ...core.suppression.homes.home_grid import SLOT_S
from ...explain import Names
from ...explain.curves import curves_of, span_of
from ...explain.plot import Curves
from ...registry import Directory, Registry, open_registry
from ...rules import load_standard
from ...timeseries import open_timeseries
from ..city.facts import Celsius, Times
from .finding_curves import chosen, home_curves
from .finding_room import Board

SHOWN_DAYS = 14
"""Findings that ended longer ago are not listed. [d]"""
BOARD_S = 3600
"""How long a board stands where nobody has written anything: so late a finding may leave it. [s]"""
DAY_S = 86_400


class StoredFindingRoom:
    """Answers pages from the state folder of a configuration; one thread at a time."""

    def __init__(
        self, config: Config, now: Callable[[], float], registry: Registry | None = None
    ) -> None:
        self._now = now
        self._lock = threading.RLock()
        self._uses = load_standard(config.rules.city, config.rules.file).room_uses
        self._registry = registry or open_registry(config)
        self._outdoor = OutdoorStore(self._registry)
        self._findings = FindingStore(config.state.findings)
        self._series = open_timeseries(config)
        self._board: tuple[object, Board] | None = None

    def board(self) -> Board:
        """Return the findings of the last weeks, those that last first."""
        with self._lock:
            now_s, directory = int(self._now()), self._here()
            state = (self._findings.version(), now_s // BOARD_S, directory.version)
            if self._board is None or self._board[0] != state:
                found = self._findings.latest(now_s - SHOWN_DAYS * DAY_S)
                ordered = sorted(found, key=lambda one: (one.is_withdrawn, not one.is_open))
                board = Board(tuple(ordered), self._findings.watched(), Names(directory))
                self._board = (state, board)
            return self._board[1]

    def history(self, key: str) -> tuple[SaidFinding, ...]:
        """Return every revision of a finding."""
        with self._lock:
            return tuple(self._findings.history(key))

    def names(self) -> Names:
        """Return what places are called."""
        return Names(self._here())

    def curves(self, finding: Finding) -> Curves:
        """Return the curves of homes around a finding; of one that lasts until now."""
        with self._lock:
            now_s = int(self._now())
            if finding.end_s is None:
                finding = replace(finding, end_s=now_s)
            first, last = span_of(finding)
            start_s = first // SLOT_S * SLOT_S
            slots = max((min(last, now_s) - start_s) // SLOT_S, 2)
            end_s = start_s + slots * SLOT_S
            network = chosen(
                network_of(self._here()), finding.affected, finding.level, finding.place
            )
            rooms = self._rooms()
            homes = [
                [self._series.room(room, start_s, end_s) for room in rooms.get(home, ())]
                for home in network.homes
            ]
            time_s = start_s + SLOT_S * np.arange(slots, dtype=np.int64)
            return curves_of(
                finding,
                network,
                home_curves(homes, start_s, slots),
                self._weather(time_s),
                start_s,
                SLOT_S,
            )

    def _rooms(self) -> dict[str, list[str]]:
        """Return the rooms of every home that the standard covers."""
        rooms: dict[str, list[str]] = {}
        for point in self._here().points:
            if not point.is_outdoor and point.use in self._uses:
                rooms.setdefault(point.home, []).append(point.id)
        return rooms

    def _weather(self, time_s: Times) -> Celsius:
        """Return the outdoor temperature of the first district that knows it, sensors first."""
        start_s, end_s = int(time_s[0]), int(time_s[-1])
        directory = self._here()
        known = np.full(len(time_s), np.nan)
        for district in directory.tables["district"]:
            measured = from_sensors(self._series, directory, district, start_s, end_s)
            for series in (OutdoorSeries(measured), self._outdoor.series(district, start_s, end_s)):
                known = np.where(np.isnan(known), series.at(time_s)[0], known)
        return known

    def _here(self) -> Directory:
        return self._registry.directory()
