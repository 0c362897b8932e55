"""``heatward-node``: run, check the wiring, read once, check the configuration."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from functools import partial
from pathlib import Path
from types import FrameType

from heatward_node import __version__
from heatward_node.agent import Agent
from heatward_node.clock import SystemClock
from heatward_node.config import Config, load
from heatward_node.enrolment import Enroller, keep_enrolled, sign_checkpoint
from heatward_node.errors import (
    EXIT_CONFIGURATION,
    ConfigurationError,
    HeatwardNodeError,
    SensorError,
)
from heatward_node.events import Signer, unsigned
from heatward_node.journal import Journal
from heatward_node.mqtt import Connection
from heatward_node.publisher import Publisher
from heatward_node.reading import Quality
from heatward_node.rom import kernel_name
from heatward_node.sensor import BUS, Bounded, W1Bus
from heatward_node.service_notify import notify
from heatward_node.wiring import diagnose

DEFAULT_CONFIG = Path("/etc/heatward/node.toml")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return its exit code (78 for a faulty configuration)."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    try:
        return int(options.command(options))
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return EXIT_CONFIGURATION
    except HeatwardNodeError as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="heatward-node", description=__doc__)
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="command")
    for name, function, text in (
        ("run", _run, "测温、记录、上报 / measure, keep and publish"),
        ("check-config", _check_config, "检查配置，不连网 / check the configuration offline"),
        ("check", _check, "检查接线并说明怎么办 / say what is wrong with the wiring"),
        ("read-once", _read_once, "读一次所有传感器 / read every sensor once"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(command=function)
        if name in ("run", "check-config"):
            command.add_argument("-c", "--config", type=Path, default=DEFAULT_CONFIG)
        else:
            command.add_argument("--bus", type=Path, default=BUS)
            command.add_argument("--lang", choices=("zh", "en"), default=_language())
    return parser


def _language() -> str:
    return "en" if os.environ.get("LANG", "").startswith("en") else "zh"


def _check_config(options: argparse.Namespace) -> int:
    config = load(options.config)
    print(f"{options.config}: 配置正确 / the configuration is right ({config.identity.node})")
    return 0


def _check(options: argparse.Namespace) -> int:
    findings = diagnose(options.bus, Bounded(W1Bus(options.bus)))
    for finding in findings:
        mark = "✗" if finding.is_fault else "✓"
        print(f"{mark} {finding.zh if options.lang == 'zh' else finding.en}")
    return int(any(finding.is_fault for finding in findings))


def _read_once(options: argparse.Namespace) -> int:
    try:
        measurements = Bounded(W1Bus(options.bus)).measure()
    except SensorError as error:
        print(f"{options.bus}: {error}; 请运行 / run: heatward-node check", file=sys.stderr)
        return 1
    for one in measurements:
        celsius = int.from_bytes(one.scratchpad[:2], "little", signed=True) / 16
        word = f"{celsius:.4f}" if one.quality is Quality.GOOD else one.quality.name.lower()
        print(f"{kernel_name(one.rom)} {word}")
    return int(not any(one.quality is Quality.GOOD for one in measurements))


def _run(options: argparse.Namespace) -> int:
    config: Config = load(options.config)
    clock = SystemClock()
    journal = Journal.open(config.journal, clock)
    connection = Connection(config.broker, config.identity)
    publisher = Publisher(config.identity, journal, connection, clock.mono_ms)
    stopped = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)

    def pump() -> None:
        entrance.reopen_if_new()
        connection.drain(publisher)
        publisher.pump()

    sign: Signer = unsigned
    entrance = _Entrance(config, connection)
    if config.enrolment is not None:
        sign = partial(sign_checkpoint, config.enrolment, config.identity)
    entrance.open()
    notify("READY=1")
    try:
        agent = Agent(Bounded(W1Bus(config.bus)), clock, journal, sign)
        agent.run(config.interval_s, pump, lambda: stopped, lambda: _alive(publisher))
    finally:
        notify("STOPPING=1")
        entrance.close()
        journal.close()
    return 0


class _Entrance:
    """Opens the connection: at once, or when the card has its certificate."""

    def __init__(self, config: Config, connection: Connection) -> None:
        self._config = config
        self._connection = connection
        self._stop, self._has_new = threading.Event(), threading.Event()

    def open(self) -> None:
        """Connect, and begin to look after the certificate where there is an authority."""
        enrolment, ca_file = self._config.enrolment, self._config.broker.ca_file
        if enrolment is None or ca_file is None:
            self._connection.open()
            return
        enroller = Enroller(enrolment, self._config.identity, ca_file)
        if enroller.is_enrolled:
            self._connection.open()
        arguments = (enroller, self._has_new.set, self._stop)
        threading.Thread(
            target=keep_enrolled, args=arguments, name="enrolment", daemon=True
        ).start()

    def reopen_if_new(self) -> None:
        """Connect anew with a new certificate."""
        if self._has_new.is_set():
            self._has_new.clear()
            self._connection.close()
            self._connection.open()

    def close(self) -> None:
        """Stop looking after the certificate, and say goodbye."""
        self._stop.set()
        self._connection.close()


def _alive(publisher: Publisher) -> None:
    notify(f"WATCHDOG=1\nSTATUS={publisher.phase.value}, unacked {publisher.unacknowledged}")


if __name__ == "__main__":
    sys.exit(main())
