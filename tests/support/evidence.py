"""A small world for what lies behind the ledger: the sample district, nodes on paper, a view."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from heatward_collector.ledger import LedgerReader, LedgerWriter
from heatward_collector.readings.follow import Follower
from heatward_collector.readings.own_places import directory_of
from heatward_collector.registry import Registry, spreadsheets
from heatward_collector.replay.virtual_node import VirtualNode
from heatward_collector.timeseries import EmbeddedStore, TimeSeries
from heatward_collector.timeseries.comparison import Comparison, Difference, compare
from heatward_collector.timeseries.process import View
from heatward_node.events import Boot, ClockFix
from heatward_node.reading import Kind, Quality, Record, Sync, reading
from heatward_node.rom import rom_from_kernel_name
from heatward_node.scratchpad import usual_scratchpad
from heatward_node.wire import MAX_RECORDS, Pack

SAMPLE = Path(spreadsheets.__file__).with_name("sample")
DISTRICT = "sample"
T0 = 1_767_225_600
"""2026-01-01T00:00:00Z."""
LIVING, BEDROOM = "28-0000e3117e8d", "28-00008aa020f2"
"""Both of node n0001, in rooms h0001-r1 (calibrated: -0.12 K) and h0001-r2."""
NEIGHBOUR = "28-0000545227f3"
"""Of node n0002, in room h0002-r1."""
OUTDOORS = "28-0000bde3dd6a"
ON_THE_BENCH = "28-000016c2a4f7"
UNKNOWN = "28-00000000abcd"
RecordKey = tuple[str, int, int]
"""Node, epoch and number."""


class PaperNode:
    """Makes the records of one boot of a node; booted a minute before T0."""

    def __init__(self, epoch: int, node: str = "n0001", boot_id: bytes = b"b" * 16) -> None:
        self.node, self.epoch = node, epoch
        self.seq = 0
        self._boot_id = boot_id

    def boot(self) -> Record:
        """Return the first record of the epoch."""
        return self._record(Kind.BOOT, T0, False, Boot(self._boot_id).to_body())

    def read(
        self,
        sensor: str,
        time_s: int,
        celsius: float,
        synchronised: bool = True,
        quality: int = Quality.GOOD,
    ) -> Record:
        """Return a reading; without synchronisation it carries the monotonic time only."""
        self.seq += 1
        return reading(
            self.seq,
            _mono_ms(time_s),
            time_s if synchronised else None,
            Sync.SYNCHRONISED if synchronised else Sync.UNSYNCHRONISED,
            rom_from_kernel_name(sensor),
            usual_scratchpad(round(celsius * 16)),
            quality,
        )

    def fix(self, time_s: int, error_ms: int = 50, ahead_s: int = 0) -> Record:
        """Return a clock fix: the wall time of this monotonic time, or of a clock that is ahead."""
        return self._record(Kind.CLOCK_FIX, time_s, True, ClockFix(error_ms).to_body(), ahead_s)

    def _record(
        self, kind: Kind, time_s: int, synchronised: bool, body: bytes, ahead_s: int = 0
    ) -> Record:
        self.seq += 1
        wall = time_s + ahead_s if synchronised else None
        return Record(kind, self.seq, _mono_ms(time_s), wall, synchronised, Quality.GOOD, body)


def _mono_ms(time_s: int) -> int:
    return (time_s - T0 + 60) * 1000


def ledger_records(folder: Path) -> dict[RecordKey, bytes]:
    """Return every record of a ledger. Fails where one is there twice."""
    reader = LedgerReader(folder)
    records: dict[RecordKey, bytes] = {}
    for batch in reader.batches():
        for position in range(batch.count):
            number, record = batch.entry(position)
            source = reader.source(number)
            key = (source.node, source.epoch, record.seq)
            assert key not in records, f"{key} is in the ledger twice"
            records[key] = record.to_bytes()
    reader.close()
    return records


def journal_records(nodes: Iterable[VirtualNode]) -> dict[RecordKey, bytes]:
    """Return every record in the journals of some nodes."""
    return {
        (node.identity.node, log.epoch, record.seq): record.to_bytes()
        for node in nodes
        for log in node.journal.logs
        for after in range(0, log.last_seq, MAX_RECORDS)
        for record in node.journal.read(log, after, MAX_RECORDS)
    }


class World:
    """Ledger, registry, follower, view and store in one folder; ``now`` is set by the test."""

    def __init__(
        self, folder: Path, store: TimeSeries | None = None, district: str | None = None
    ) -> None:
        self.folder, self.district = folder, district
        self.now = float(T0 + 86_400)
        self.ledger = LedgerWriter(folder / "ledger", lambda: self.now)
        self.registry = Registry(f"sqlite:///{folder / 'registry.sqlite'}")
        spreadsheets.import_folder(self.registry, SAMPLE)
        self.store = store or EmbeddedStore(folder / "series.sqlite")
        self.restart_view()

    def restart_view(self) -> None:
        """Let the view begin again as a new process would; the first time simply begin."""
        self.reader = LedgerReader(self.folder / "ledger")
        self.follower = Follower(
            self.folder / "view.sqlite", self.reader, self.registry, self.district
        )
        self.view = View(self.follower, self.store)

    def arrive(self, node: PaperNode, records: Iterable[Record]) -> None:
        """Let records of a node arrive and be committed as one batch."""
        district = self.district or DISTRICT
        self.ledger.offer(district, node.node, Pack(node.epoch, False, list(records)))
        assert self.ledger.commit() is not None

    def follow(self) -> None:
        """Let the view do all that there is to do."""
        for _ in range(50):
            if not self.view.step():
                return
        raise AssertionError("the view does not come to an end")

    def room(self, room: str) -> list[tuple[int, float]]:
        """Return what the view shows of a room, in seconds after T0 and 1/100 degC."""
        time_s, celsius = self.store.room(room, 0, 2**31)
        return [
            (time_s - T0, round(value, 4))
            for time_s, value in zip(time_s.tolist(), celsius.tolist(), strict=True)
        ]

    def compare(self) -> tuple[Comparison, list[Difference]]:
        """Compare the view with what ledger and registry say."""
        comparison = Comparison()
        directory = directory_of(self.registry, self.district)
        reader = LedgerReader(self.folder / "ledger")
        return comparison, list(compare(reader, directory, self.store, comparison))

    def assert_even(self) -> Comparison:
        """Fail unless the view is exactly what ledger and registry say."""
        comparison, differences = self.compare()
        assert differences == []
        assert comparison.found == comparison.expected
        return comparison


def follower_of(world: World) -> Follower:
    """Return a follower of a world's ledger with a state of its own, ready to go on."""
    reader = LedgerReader(world.folder / "ledger")
    follower = Follower(world.folder / "state" / "own.sqlite", reader, world.registry)
    follower.restarted()
    return follower
