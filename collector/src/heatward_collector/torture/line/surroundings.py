"""What stands around a collector and speaks with it: weather, timestamping authority, cards."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from heatward_collector.config import Config
from heatward_collector.enrolment import Authority
from heatward_collector.enrolment.authority import utc
from heatward_collector.servers.ports import HOST, free_port
from heatward_collector.torture.line.stamping import StampingAuthority, stamping
from heatward_collector.torture.line.weather import WeatherService, forecasting


@dataclass(slots=True)
class Surroundings:
    """Those that the processes of one line need."""

    settings: list[str] = field(default_factory=list)
    """Sections of the collector's configuration that name them."""
    weather: WeatherService | None = None


@contextmanager
def around(stages: tuple[str, ...], folder: Path) -> Iterator[Surroundings]:
    """Begin what these processes speak with, and end it."""
    found = Surroundings()
    with ExitStack() as stack:
        if "outdoor" in stages:
            found.weather = WeatherService()
            template = stack.enter_context(forecasting(found.weather))
            found.settings.append(f"[outdoor]\nurl = {json.dumps(template)}")
        if "timestamp" in stages:
            authority = StampingAuthority(folder / "stamping")
            url = stack.enter_context(stamping(authority))
            file = json.dumps(str(authority.root))
            found.settings.append(f"[timestamp]\nurl = {json.dumps(url)}\nca_file = {file}")
        if "enrolment" in stages:
            directory = json.dumps(str(folder / "authority"))
            found.settings.append(
                f'[enrolment]\nname = "{HOST}"\nhost = "{HOST}"\nport = {free_port()}\n'
                f"public_port = 0\ndirectory = {directory}"
            )
        yield found


def found_authority(config: Config) -> None:
    """Do what ``heatward enrolment init`` does before the process can serve cards."""
    settings = config.enrolment
    Authority.found(settings.directory, utc(time.time())).keep_own(HOST, utc(time.time()))
    settings.broker.mkdir(parents=True)
