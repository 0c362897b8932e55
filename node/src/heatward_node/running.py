"""A node at work: samples, publishes, looks after its certificate, and shows how it is."""

from __future__ import annotations

import os
import signal
import threading
from functools import partial
from pathlib import Path

from heatward_node.agent import Agent
from heatward_node.clock import SystemClock
from heatward_node.config import Config
from heatward_node.enrolment import Enroller, keep_enrolled, sign_checkpoint
from heatward_node.events import Signer, unsigned
from heatward_node.journal import Journal
from heatward_node.leaving import Leaving
from heatward_node.light import Light, message_of
from heatward_node.mqtt import Connection
from heatward_node.publisher import Phase, Publisher
from heatward_node.remote_settings import RemoteSettings
from heatward_node.sensor import Bounded, W1Bus
from heatward_node.service_notify import notify
from heatward_node.stopping import told_to_stop
from heatward_node.updates import Updates, release_of

WIFI_ERROR = "wifi-error"
"""A mark in the runtime folder that ``prepare-node`` sets: wifi.txt was not understood."""


def run_node(config: Config, light: Light | None = None) -> None:
    """Run one node until SIGTERM or SIGINT."""
    # Before anything else: a journal that is open must be closed in order.
    stopped = told_to_stop(signal.SIGTERM, signal.SIGINT)
    clock = SystemClock()
    journal = Journal.open(config.journal, clock)
    connection = Connection(config.broker, config.identity)
    publisher = Publisher(config.identity, journal, connection, clock.mono_ms)
    entrance = Entrance(config, connection)
    sign: Signer = unsigned
    if config.enrolment is not None:
        sign = partial(sign_checkpoint, config.enrolment, config.identity)
    agent = Agent(Bounded(W1Bus(config.bus)), clock, journal, sign)
    shown = light or Light()
    leaving = Leaving(config.journal.parent)

    def pump() -> None:
        entrance.reopen_if_new()
        connection.drain(publisher)
        publisher.pump()

    def alive() -> None:
        notify(f"WATCHDOG=1\nSTATUS={publisher.phase.value}, unacked {publisher.unacknowledged}")
        is_sending = publisher.phase is Phase.SENDING
        leaving.look(is_sending and publisher.unacknowledged == 0)
        entrance.note_health(agent.readings is not None and not agent.is_refused)
        shown.message = message_of(
            card_refuses=agent.is_refused,
            has_sensor=agent.readings != 0,
            wifi_not_understood=_wifi_error().exists(),
            is_enrolled=entrance.is_enrolled,
            is_connected=connection.is_connected,
            knows_server=entrance.knows_server,
        )

    shown.start()
    entrance.open()
    notify("READY=1")
    try:
        agent.run(lambda: entrance.settings.interval_s, pump, stopped.is_set, alive)
    finally:
        notify("STOPPING=1")
        shown.stop()
        entrance.close()
        journal.close()


class Entrance:
    """Opens the connection: at once, or when the card has its certificate."""

    def __init__(self, config: Config, connection: Connection) -> None:
        self._connection = connection
        self._stop, self._has_new = threading.Event(), threading.Event()
        enrolment, ca_file = config.enrolment, config.broker.ca_file
        self._enroller: Enroller | None = None
        self._updates: Updates | None = None
        self._is_marked = False
        url, node, release = enrolment.url if enrolment else "", config.identity.node, release_of()
        self.settings = RemoteSettings(url, node, ca_file, config.interval_s, release)
        if enrolment is not None and ca_file is not None:
            self._enroller = Enroller(enrolment, config.identity, ca_file)
            self._updates = Updates(enrolment, config.identity.node, ca_file, release)
        self.is_enrolled = self._enroller is None or self._enroller.is_enrolled

    @property
    def knows_server(self) -> bool:
        """Whether the collector answered the last question for a certificate, with a refusal."""
        return self._enroller is not None and bool(self._enroller.last_refusal)

    def open(self) -> None:
        """Connect, and begin to look after the certificate where there is an authority."""
        if self.is_enrolled:
            self._connection.open()
        if self._enroller is not None:
            arguments = (self._enroller, self._has_new.set, self._stop, self._look)
            threading.Thread(
                target=keep_enrolled, args=arguments, name="enrolment", daemon=True
            ).start()

    def _look(self) -> None:
        """Ask what else is new: settings, and a version of the program."""
        self.settings.step()
        if self._updates is not None:
            self._updates.step()

    def reopen_if_new(self) -> None:
        """Connect anew with a new certificate."""
        if self._has_new.is_set():
            self._has_new.clear()
            self.is_enrolled = True
            self._connection.close()
            self._connection.open()

    def note_health(self, has_measured: bool) -> None:
        """Mark this version as healthy, once it has measured and reached the collector."""
        if not self._is_marked and has_measured and self._connection.is_connected:
            self._is_marked = True
            if self._updates is not None:
                self._updates.mark_healthy()

    def close(self) -> None:
        """Stop looking after the certificate, and say goodbye."""
        self._stop.set()
        self._connection.close()


def _wifi_error() -> Path:
    return Path(os.environ.get("RUNTIME_DIRECTORY", "/run/heatward")) / WIFI_ERROR
