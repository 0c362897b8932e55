"""The outdoor process: asks a weather service at its interval; runs only where one is named."""

from __future__ import annotations

import logging
import threading
import time
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from heatward_collector.config import Config
from heatward_collector.errors import ImportRefused, OutdoorAway, RegistryError
from heatward_collector.outdoor.temperatures import LONGEST_SOURCE, OutdoorStore, fetch, parse_csv
from heatward_collector.registry import Registry, open_registry
from heatward_collector.rules import load_standard
from heatward_collector.running.status import StatusWriter

LOOK_BACK_S = 48 * 3600
"""Each time the last two days are asked for: what the service corrects or had not is made up."""

log = logging.getLogger(__name__)


def run(config: Config, stop: threading.Event) -> None:
    """Fetch outdoor temperatures of every district until told to stop."""
    status = StatusWriter(config.state.status, "outdoor")
    registry = open_registry(config)
    while not stop.is_set():
        try:
            count = fetch_all(config, registry, int(time.time()))
        except (OutdoorAway, ImportRefused, RegistryError) as error:
            _report_fault(status, str(error).splitlines()[0])
        else:
            status.clear_fault("outdoor_away")
            status.stage("weather", detail=f"{count} values")
        status.wait(stop, config.outdoor.interval_seconds)
    status.flush(force=True)
    registry.close()


def fetch_all(config: Config, registry: Registry, now_s: int) -> int:
    """Fetch the last two days of every district; return how many values the service gave."""
    districts = [str(row["id"]) for row in registry.rows("district")]
    return sum(fetch_one(config, registry, one, now_s - LOOK_BACK_S, now_s) for one in districts)


def fetch_one(config: Config, registry: Registry, district: str, start_s: int, end_s: int) -> int:
    """Fetch one district's values of [start, end) and keep them; return how many there were.

    Raises OutdoorAway, and ImportRefused where the answer is no table of temperatures.
    """
    if config.outdoor.url is None:
        raise OutdoorAway("没有设置 / not set: [outdoor] url")
    answer = fetch(config.outdoor.url, district, start_s, end_s)
    # Only the host: the rest of an address may hold a key.
    source = (urlsplit(config.outdoor.url).hostname or "")[:LONGEST_SOURCE]
    zone = ZoneInfo(load_standard(config.rules.city, config.rules.file).timezone)
    values = parse_csv(answer, "[outdoor] url", zone, source)
    return OutdoorStore(registry).put(district, values)


def _report_fault(status: StatusWriter, detail: str) -> None:
    log.warning("event=outdoor_away detail=%s", detail)
    status.fault(
        "outdoor_away",
        f"取不到室外温度：{detail}",
        f"Outdoor temperatures cannot be fetched: {detail}",
        "请检查 [outdoor] url 和网络；室温判定不受影响。",
        "Check [outdoor] url and the network; verdicts on rooms do not depend on it.",
    )
