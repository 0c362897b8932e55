"""Every fault that is played on the real line: its function, and the line that it needs."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import NamedTuple

from heatward_collector.torture.faults import (
    case_faults,
    crowd,
    message_faults,
    node_faults,
    process_faults,
    restore_faults,
    sensor_faults,
    server_faults,
)
from heatward_collector.torture.kills import kill_rounds, outward_kills, side_kills
from heatward_collector.torture.line.line import Line
from heatward_collector.torture.line.setting import JUDGED, TOLD, Setting

Play = Callable[[Line, random.Random], None]
USUAL = Setting()
UNJUDGED = Setting(stages=("ingest", "view"))


class Staged(NamedTuple):
    """One fault on the real line."""

    play: Play
    setting: Setting = USUAL
    check: Callable[[Line], None] = lambda line: None
    """What this fault claims of the line once every process has ended."""


PLAYS: dict[str, Staged] = {
    "F1": Staged(process_faults.node_killed),
    "F2": Staged(process_faults.node_killed_with_backlog, UNJUDGED),
    "F3": Staged(server_faults.broker_killed),
    "F4": Staged(server_faults.broker_forgets),
    "F5": Staged(process_faults.ingest_killed),
    "F6": Staged(server_faults.store_killed, UNJUDGED),
    "F6b": Staged(process_faults.view_killed, UNJUDGED),
    "F7": Staged(
        case_faults.clerk_killed,
        Setting(("ingest", "view", "cases", "notify"), has_receiver=True),
        case_faults.nothing_is_untold,
    ),
    "F7b": Staged(process_faults.evaluate_killed),
    "F8": Staged(process_faults.notifier_killed, Setting(TOLD, has_receiver=True)),
    "F9": Staged(process_faults.any_order, Setting(JUDGED)),
    "F10": Staged(server_faults.store_away, UNJUDGED),
    "F11": Staged(server_faults.ingest_hangs, UNJUDGED),
    "F12": Staged(server_faults.ledger_disk_full, Setting(small_disks=("ledger",))),
    "F13": Staged(
        server_faults.broker_disk_full,
        Setting(
            stages=("ingest", "view"),
            broker="autosave_on_changes true\nautosave_interval 1",
            small_disks=("broker",),
        ),
    ),
    "F14": Staged(node_faults.card_full, Setting(("ingest", "view"), 3, small_disks=("card",))),
    "F15": Staged(server_faults.partition),
    "F15b": Staged(server_faults.cable_pulled, Setting(("ingest", "view"), has_cable=True)),
    "F16": Staged(server_faults.half_open, UNJUDGED),
    "F17": Staged(server_faults.bad_line),
    "F18": Staged(crowd.storm, Setting(("ingest", "view"), nodes=1)),
    "F19": Staged(server_faults.late_acknowledgements),
    "F20": Staged(node_faults.wall_clock_steps),
    "F21": Staged(node_faults.time_comes_late),
    "F22": Staged(node_faults.time_never_comes),
    "F23": Staged(node_faults.server_clock_jumps),
    "F25": Staged(message_faults.repeated),
    "F27": Staged(message_faults.replayed, UNJUDGED),
    "F28": Staged(message_faults.strangers, UNJUDGED),
    "F31": Staged(node_faults.card_cloned, UNJUDGED),
    "F32": Staged(node_faults.flood),
    "F33": Staged(node_faults.overload, UNJUDGED),
    "F34": Staged(message_faults.too_large, UNJUDGED),
    "F35": Staged(message_faults.malformed),
    "F36": Staged(message_faults.retained_poison, UNJUDGED),
    "F40": Staged(process_faults.receiver_misbehaves, Setting(TOLD, has_receiver=True)),
    "F41": Staged(sensor_faults.sensors_lie),
    "F43": Staged(sensor_faults.sensors_exchanged, check=sensor_faults.exchange_is_seen),
    "F44": Staged(sensor_faults.sensors_vanish, UNJUDGED),
    "F46": Staged(node_faults.card_rots, Setting(may_lose_on_cards=True), node_faults.rot_is_named),
    "F47": Staged(
        node_faults.card_read_only, Setting(("ingest", "view"), 3, small_disks=("card",))
    ),
    "F48": Staged(node_faults.card_restored, UNJUDGED),
    "F52": Staged(restore_faults.backup_restored),
    "F55": Staged(sensor_faults.time_lies_slowly, check=sensor_faults.lies_are_found_out),
}
"""By number; ``b`` is a part of a fault that has two."""

KILLS: dict[str, Staged] = {
    "K1": Staged(kill_rounds.line_killed),
    "K2": Staged(
        kill_rounds.office_killed,
        Setting(("ingest", "view", "cases", "notify"), has_receiver=True),
        case_faults.nothing_is_untold,
    ),
    "K3": Staged(
        side_kills.side_killed,
        Setting(("ingest", "view", "seal", "watch", "web", "display"), nodes=2),
        side_kills.days_are_sealed,
    ),
    "K4": Staged(
        outward_kills.outward_killed,
        Setting(("ingest", "view", "outdoor", "timestamp", "enrolment"), nodes=2),
        outward_kills.nothing_is_half_done,
    ),
}
"""Kills by the thousand: no faults of the catalogue, and played only where they are named."""
PLAYED = PLAYS | KILLS

QUICK = ("F1", "F3", "F4", "F5", "F6", "F8", "F9", "F12", "F17", "F21", "F33", "F35")
"""Twelve that cover nodes, broker, store, processes, disk, line, time and messages."""
