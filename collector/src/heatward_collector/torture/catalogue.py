"""The catalogue of faults: what each does, which property it shows, and where it is played."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from heatward_collector.torture.plays import PLAYS


class Where(StrEnum):
    """How a fault is played."""

    LINE = "line"
    """Here, on real servers and processes."""
    VIRTUAL = "virtual"
    """By ``heatward torture --virtual``, on virtual time."""
    TEST = "test"
    """By a test that is named."""
    NOT_BUILT = "not built"


class Fault(NamedTuple):
    """One fault of the catalogue."""

    number: str
    what: str
    shows: str
    elsewhere: str = ""
    """Beginning with ``virtual`` or the path of the test, where it is not played on the line."""

    @property
    def where(self) -> Where:
        """How it is played."""
        if self.number in PLAYS:
            return Where.LINE
        if self.elsewhere.startswith("virtual"):
            return Where.VIRTUAL
        return Where.TEST if self.elsewhere else Where.NOT_BUILT


_ALL = "all invariants"
CATALOGUE = (
    Fault("F1", "kill -9 of nodes at random", "all; a kill costs at most the round it hit"),
    Fault("F2", "kill -9 of nodes while they send a backlog", "all; repeats are stored once"),
    Fault("F3", "kill -9 of the broker in mid-stream, default persistence", _ALL),
    Fault("F4", "the broker's state directory deleted", "all; ingest subscribes again"),
    Fault("F5", "kill -9 of ingest before and after commit, ack and PUBACK", _ALL),
    Fault("F6", "kill -9 of InfluxDB and of the view", "the view becomes the ledger's again"),
    Fault("F6b", "kill -9 of the view around its writes and its cursor", "view equals ledger"),
    Fault(
        "F7",
        "kill -9 between a finding and its message",
        "no case without its message",
    ),
    Fault("F7b", "kill -9 of the evaluation around cursors and verdicts", "verdicts as recomputed"),
    Fault(
        "F8", "kill -9 of the notifier before and after the answer", "alerts: once, or by a kill"
    ),
    Fault("F9", "SIGTERM to everything, ended and begun in any order", _ALL),
    Fault("F10", "InfluxDB away", "ledger and acks go on; the view follows later"),
    Fault("F11", "whoever writes the ledger stands still", "no ack, the nodes keep it"),
    Fault("F12", "the ledger's disk full", "no ack for what is not written; it goes on with room"),
    Fault("F13", "the broker's disk full, then killed", "conservation by resending"),
    Fault("F14", "the nodes' cards full", "rounds wait in memory; nothing unacknowledged goes"),
    Fault("F15", "partition between nodes and broker", "conservation"),
    Fault("F15b", "the nodes' cable pulled, so that packets vanish", "noticed; conservation"),
    Fault("F16", "half-open: one direction swallowed", "the dead link is noticed; conservation"),
    Fault("F17", "delay, loss, one byte at a time, reset at byte k", _ALL),
    Fault("F18", "reconnect storm of 1,000 nodes", "the last within ten minutes; jitter"),
    Fault("F19", "late PUBACKs for a connection that is gone (R5)", "nothing new is eaten"),
    Fault("F20", "wall clocks jump by an hour and by ten years", "originals kept; steps recorded"),
    Fault("F21", "a boot without time that learns it later", "placed afterwards, all of it"),
    Fault("F22", "a boot that never learns the time", "kept, never judged"),
    Fault("F23", "the server's clock jumps a day ahead and back", "verdicts as recomputed"),
    Fault(
        "F24",
        "daylight saving, year's end, leap day, local midnight",
        "each day once",
        "tests/collector/test_local_days.py",
    ),
    Fault("F25", "messages arrive up to ten times, in any order", "stored once"),
    Fault(
        "F26",
        "any order, hours late",
        "the verdicts of the run in order",
        "virtual: tests/collector/torture/virtual_days/test_virtual.py",
    ),
    Fault("F27", "old payloads of a node again, after a restart", "counted, nothing new"),
    Fault("F28", "another node's payload, unknown nodes and districts", "refused with a reason"),
    Fault(
        "F29",
        "foreign topics and tricks in user names",
        "the access list holds",
        "tests/collector/enrolment/test_broker.py",
    ),
    Fault(
        "F30",
        "the collector's client id taken over",
        "refused",
        "tests/collector/enrolment/test_broker.py",
    ),
    Fault("F31", "two cards with one identity", "kept apart by epoch, nothing merged"),
    Fault("F32", "one node as fast as it can", "the others stay heard"),
    Fault("F33", "all nodes five times as fast, ingest halting", "bounded, conservation"),
    Fault("F34", "payloads over the limit, 200 kB, 2 MB", "refused, counted, bounded"),
    Fault("F35", "300 malformed messages in nodes' names", "none stored, all counted"),
    Fault("F36", "retained poison on every topic, three restarts", "ignored; no crash loop"),
    Fault(
        "F37",
        "a type conflict in the view's store",
        "that line is put aside, no other",
        "tests/collector/timeseries/test_influxdb.py",
    ),
    Fault(
        "F38",
        "certificates expired, foreign, revoked",
        "the node samples on, and says why",
        "tests/collector/enrolment/test_broker.py",
    ),
    Fault(
        "F39",
        "mail down, greylisted, refused, closed early",
        "sent later, once",
        "tests/collector/alerts/test_sender.py",
    ),
    Fault(
        "F40", "a receiver of alerts that fails and hangs", "noted, tried again; the rest goes on"
    ),
    Fault("F41", "85.0, 127.94, zero, wrong CRC, garbage", "none accepted as good"),
    Fault(
        "F42",
        "stuck, noisy, drifting, heated sensors",
        "flagged; no alert on one alone",
        "tests/collector/core/placement",
    ),
    Fault("F43", "sensors swapped between homes", "flagged; both doubted"),
    Fault("F44", "sensors unplugged, ghosts on the bus", "gaps recorded; back without a restart"),
    Fault(
        "F45",
        "power cut at every write, fsync and rename",
        "a valid prefix; all that was synced",
        "tests/collector/torture/disk/test_crash_points.py",
    ),
    Fault("F46", "bits flipped and pages zeroed on a card", "named as lost; never sent as valid"),
    Fault("F47", "a card that becomes read-only", "the node says so, and goes on afterwards"),
    Fault("F48", "an older image of a card put back", "another epoch; no number used twice"),
    Fault(
        "F49",
        "killed during an update, bad update",
        "the old version boots; the journal whole",
        "tests/firmware_config/test_updates.py",
    ),
    Fault(
        "F50",
        "rules changed in mid-season",
        "old verdicts stay; new ones name their version",
        "tests/collector/evaluation/test_evaluation.py",
    ),
    Fault(
        "F51",
        "the ledger edited, deleted, reordered, cut",
        "the first alteration is named",
        "tests/collector/torture/disk/test_tampering.py",
    ),
    Fault(
        "F52",
        "a backup one day old put back",
        "the nodes refill the day",
    ),
    Fault(
        "F53",
        "ids counted up, other offices' places, no session",
        "refused alike",
        "tests/collector/api/rights/test_rules.py",
    ),
    Fault(
        "F54",
        "links opened by scanners, twice, expired, guessed",
        "looking changes nothing",
        "tests/collector/api/people/test_signing.py",
    ),
    Fault("F55", "a time service that lies slowly by two hours", "flagged beyond two minutes"),
)


def fault(number: str) -> Fault:
    """Return a fault by its number. Raises KeyError."""
    return next(one for one in CATALOGUE if one.number == number)


def count_built() -> dict[Where, int]:
    """Return how many of the 55 faults are played where; parts of one count once."""
    whole = [one for one in CATALOGUE if not one.number.endswith("b")]
    return {where: sum(one.where is where for one in whole) for where in Where}
