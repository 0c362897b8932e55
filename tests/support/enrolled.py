"""A small authority with its HTTPS door and a real Mosquitto on its generated configuration."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from heatward_collector.commands.enrolment import write_broker_files
from heatward_collector.config import Config, parse
from heatward_collector.enrolment import Authority, Office, service
from heatward_collector.enrolment.authority import utc
from heatward_collector.enrolment.service import open_office
from heatward_collector.registry import open_registry, spreadsheets
from heatward_collector.servers.program import Program
from heatward_node import openssl
from heatward_node.enrolment import Enroller, Enrolment
from heatward_node.mqtt import Broker
from heatward_node.publisher import Identity
from support.evidence import SAMPLE
from support.ports import HOST, free_port, is_listening, wait_until
from support.servers import find_program

NOW = 1_793_000_000.0
"""A day in October 2026; real TLS needs the real day, so only unit tests stand here."""


@dataclass
class SetClock:
    """A clock that a test sets."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now

    def days(self, days: float) -> None:
        """Let days pass."""
        self.now += days * 86_400


def configured(folder: Path, name: str = HOST, public_port: int = 0) -> Config:
    """Return a configuration with an authority to be founded and the sample registry.

    Without a ``public_port`` there is no nginx: nodes reach broker and door themselves.
    """
    text = (
        f'[state]\ndirectory = "{folder}/state"\n'
        f'[mqtt]\nurl = "mqtts://{name}:{free_port()}"\n'
        f'ca_file = "{folder}/authority/ca.pem"\n'
        f'certificate_file = "{folder}/authority/collector.pem"\n'
        f'key_file = "{folder}/authority/collector.pem"\n'
    )
    mqtt_port = parse(text).mqtt.port
    text += (
        f'[enrolment]\nname = "{name}"\nhost = "{HOST}"\nport = {free_port()}\n'
        f"public_port = {public_port}\n"
        f'mqtt_port = {mqtt_port}\ndirectory = "{folder}/authority"\n'
    )
    config = parse(text)
    (folder / "state").mkdir(parents=True, exist_ok=True)
    spreadsheets.import_folder(open_registry(config), SAMPLE)
    return config


def found(config: Config, now: float) -> Office:
    """Found the authority of a configuration at a moment, and write the broker's files."""
    name = config.enrolment.name or HOST
    Authority.found(config.enrolment.directory, utc(now)).keep_own(name, utc(now))
    write_broker_files(config)
    return open_office(config)


class TlsMosquitto(Program):
    """Mosquitto on the configuration that Heatward generates."""

    def __init__(self, config: Config, folder: Path) -> None:
        state = folder / "mosquitto"
        state.mkdir(parents=True, exist_ok=True)
        main = folder / "mosquitto.conf"
        main.write_text(
            f"user root\npersistence true\npersistence_location {state}/\nlog_type all\n"
            f"include_dir {config.enrolment.broker}/conf.d\n"
        )
        program = find_program("mosquitto")
        super().__init__(
            [program, "-c", str(main)], config.enrolment.mqtt_port, folder / "mosquitto.log"
        )


@contextmanager
def running_broker(config: Config, folder: Path) -> Iterator[TlsMosquitto]:
    """Run Mosquitto with TLS."""
    broker = TlsMosquitto(config, folder)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


class Nginx(Program):
    """nginx on the configuration that Heatward generates for the one port of nodes."""

    def __init__(self, config: Config, folder: Path) -> None:
        written = (config.enrolment.broker / "nginx.conf").read_text()
        file = folder / "nginx.conf"
        file.write_text(written.replace("/run/heatward-nodes/", f"{folder}/"))
        options = ["-e", "stderr", "-g", "daemon off;", "-c", str(file)]
        command = [find_program("nginx"), *options]
        super().__init__(command, config.enrolment.public_port, folder / "nginx.log")


@contextmanager
def running_one_port(config: Config, folder: Path) -> Iterator[Nginx]:
    """Run nginx before Mosquitto and the door."""
    nginx = Nginx(config, folder)
    nginx.start()
    try:
        yield nginx
    finally:
        nginx.stop()


@contextmanager
def running_door(config: Config) -> Iterator[None]:
    """Run the enrolment process as a thread."""
    stop = threading.Event()
    thread = threading.Thread(target=service.run, args=(config, stop), daemon=True)
    thread.start()
    try:
        wait_until(lambda: is_listening(config.enrolment.port), "the enrolment door answers")
        yield
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


def card(config: Config, folder: Path, code: str, node: str = "n0001") -> Enroller:
    """Return a card that was flashed with a code."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "code.txt").write_text(code + "\n")
    settings = Enrolment(
        f"https://{HOST}:{config.enrolment.nodes_port}", folder / "code.txt", folder / "identity"
    )
    return Enroller(settings, Identity("sample", node), config.enrolment.directory / "ca.pem")


def address(config: Config, folder: Path) -> Broker:
    """Return the broker as the card in ``folder`` reaches it."""
    return Broker(
        HOST,
        config.enrolment.nodes_mqtt_port,
        ca_file=config.enrolment.directory / "ca.pem",
        certificate_file=folder / "identity" / "certificate.pem",
        key_file=folder / "identity" / "key.pem",
    )


def issue(office: Office, folder: Path, node: str) -> None:
    """Give a node its certificate without the network: key and certificate in ``folder``."""
    identity = folder / "identity"
    identity.mkdir(parents=True, exist_ok=True)
    openssl.make_key(identity / "key.pem")
    request = openssl.make_request(identity / "key.pem", node)
    pem = office.enrol(node, office.issue_code(node), request)
    (identity / "certificate.pem").write_text(pem)
