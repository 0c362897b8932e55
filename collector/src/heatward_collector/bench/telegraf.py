"""The same load through a peer: Telegraf's mqtt_consumer into the same InfluxDB, without a ledger.

Its binary is named by whoever measures; it is not part of Heatward. It is asked to resolve the
records that nodes send, one a message; records of a pack that lean on the first one's name and
time are beyond its JSON reader, so packs go to it as whole records.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from heatward_collector.bench import load
from heatward_collector.bench.generator import generating
from heatward_collector.bench.usage import cpu_seconds
from heatward_collector.servers.ports import HOST
from heatward_collector.servers.program import Program, running

PREFIX = "telegraf/v1"
DATABASE = "telegraf"
CONNECTED = "Connected ["
"""What it says once its input has subscribed."""
SETTLED_SECONDS = 15.0
"""What has not arrived after so long without any other point is taken for lost. [s]"""
POLL_SECONDS = 0.25
CONFIGURATION = """\
[agent]
  interval = "1s"
  flush_interval = "1s"
  metric_batch_size = 5000
  metric_buffer_limit = {buffer}
  omit_hostname = true
[[inputs.mqtt_consumer]]
  servers = ["tcp://{host}:{mqtt_port}"]
  topics = ["{prefix}/+/readings"]
  topic_tag = ""
  qos = 1
  client_id = "telegraf"
  persistent_session = true
  max_undelivered_messages = 20000
  data_format = "json_v2"
  [[inputs.mqtt_consumer.json_v2]]
    measurement_name = "room_temperature"
    [[inputs.mqtt_consumer.json_v2.object]]
      path = "@this"
      tags = ["bn"]
      included_keys = ["bn", "v", "bt"]
      timestamp_key = "bt"
      timestamp_format = "unix"
[[outputs.influxdb]]
  urls = ["http://{host}:{influx_port}"]
  database = "{database}"
"""
"""As baselines had it fastest: 20,000 undelivered messages, batches of 5,000."""
BUFFER = 200_000


@dataclass(frozen=True, slots=True)
class Peer:
    """A Telegraf that runs."""

    pid: int
    influx_port: int


@dataclass(frozen=True, slots=True)
class PeerTurn:
    """What it did with one turn's load."""

    rate: float
    """Readings stored, a second."""
    stored: int
    cpu_us: float
    """Processor time a reading sent. [us]"""


@contextmanager
def telegraf(
    program: Path, folder: Path, mqtt_port: int, influx_port: int, buffer: int = BUFFER
) -> Iterator[Peer]:
    """Run Telegraf until the end of the block. Raises HeatwardError where it does not connect.

    ``buffer`` is how many readings it may hold that InfluxDB has not taken yet.
    """
    file, log = folder / "telegraf.conf", folder / "telegraf.log"
    log.touch()
    file.write_text(
        CONFIGURATION.format(
            folder=folder,
            host=HOST,
            mqtt_port=mqtt_port,
            influx_port=influx_port,
            prefix=PREFIX,
            database=DATABASE,
            buffer=buffer,
        )
    )
    with running(_Telegraf([str(program), "--config", str(file)], 0, log)) as process:
        yield Peer(process.pid, influx_port)


class _Telegraf(Program):
    """It listens nowhere: it is ready once it says that it has connected."""

    def is_ready(self) -> bool:
        """Say whether it listens to the broker."""
        return CONNECTED in self.log.read_text("utf-8")


def peer_turn(peer: Peer, work: load.Load, turn: int) -> PeerTurn:
    """Send a turn's load to the peer, and wait until no more of it arrives."""
    before, cpu = stored_by_peer(peer.influx_port), -cpu_seconds(peer.pid)
    with generating(load.run, for_peer(work, turn)) as (pipe, _):
        pipe.send("go")
        began = float(pipe.recv()[0])
        stored, arrived_at = settled(peer.influx_port, before, work.records, began)
    cpu += cpu_seconds(peer.pid)
    return PeerTurn(stored / (arrived_at - began), stored, 1e6 * cpu / work.records)


def settled(port: int, before: int, records: int, since: float) -> tuple[int, float]:
    """Wait until all records are stored or no more arrive; return how many are, and since when.

    ``before`` is what was there already; times are those of the monotonic clock. [s]
    """
    stored, arrived_at = 0, since
    while stored < records and time.monotonic() - arrived_at < SETTLED_SECONDS:
        time.sleep(POLL_SECONDS)
        now = stored_by_peer(port) - before
        if now > stored:
            stored, arrived_at = now, time.monotonic()
    return stored, arrived_at


def for_peer(work: load.Load, turn: int) -> load.Load:
    """Return the same load on the peer's topics, in whole records, at times of its own."""
    # A point of the same moment would replace one of the turn before.
    span_s = 2 * work.records // len(work.nodes) * load.STEP_S
    return replace(
        work,
        confirmed_by="puback",
        prefix=PREFIX,
        start_s=work.start_s - (turn + 1) * span_s,
        is_begun=True,
        whole_records=True,
    )


def stored_by_peer(port: int) -> int:
    """Return how many points the peer's database holds."""
    return points_in(port, DATABASE, "v")


def points_in(port: int, database: str, field: str) -> int:
    """Return how many points of rooms a database holds."""
    question = quote(f"SELECT count({field}) FROM room_temperature")
    link = http.client.HTTPConnection(HOST, port, timeout=60)
    link.request("GET", f"/query?db={database}&q={question}")
    found = json.loads(link.getresponse().read())["results"][0].get("series")
    link.close()
    return int(found[0]["values"][0][1]) if found else 0
