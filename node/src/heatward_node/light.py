"""The green light: what a node says to somebody who stands before it, in flashes.

A message is so many short flashes and a pause; while starting the light blinks without one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path

LIGHTS = (Path("/sys/class/leds/ACT"), Path("/sys/class/leds/led0"))
FLASH_S = 0.2
GAP_S = 0.25
PAUSE_S = 2.5


class Message(IntEnum):
    """What the light says; the number is how often it flashes. The lowest cause comes first."""

    STARTING = 0
    FINE = 1
    NO_SENSOR = 2
    NO_NETWORK = 3
    NOT_ENROLLED = 4
    WIFI_NOT_UNDERSTOOD = 5
    CARD_REFUSES = 6


def message_of(
    *,
    card_refuses: bool = False,
    has_sensor: bool = True,
    wifi_not_understood: bool = False,
    is_enrolled: bool = True,
    is_connected: bool = True,
    knows_server: bool = True,
) -> Message:
    """Return the one message that helps most: what must be mended first.

    ``knows_server`` says whether the collector has answered at all, be it with a refusal: without
    a certificate that tells a missing network from a missing enrolment.
    """
    causes = (
        (card_refuses, Message.CARD_REFUSES),
        (not has_sensor, Message.NO_SENSOR),
        (wifi_not_understood and not is_connected, Message.WIFI_NOT_UNDERSTOOD),
        (not is_enrolled and knows_server, Message.NOT_ENROLLED),
        (not is_connected, Message.NO_NETWORK),
    )
    return next((message for is_so, message in causes if is_so), Message.FINE)


def pattern(message: Message) -> list[tuple[bool, float]]:
    """Return one round of a message: on or off, and for how long. [s]"""
    if message is Message.STARTING:
        return [(True, FLASH_S), (False, FLASH_S)]
    flashes = [(True, FLASH_S), (False, GAP_S)] * message
    return [*flashes[:-1], (False, PAUSE_S)]


class Light:
    """Shows messages on a light of the kernel; without one nothing happens."""

    def __init__(self, folders: tuple[Path, ...] = LIGHTS) -> None:
        self._brightness = next(
            (folder / "brightness" for folder in folders if folder.is_dir()), None
        )
        self._stop = threading.Event()
        self.message = Message.STARTING

    def start(self) -> None:
        """Begin to show, in a thread of its own."""
        if self._brightness is not None:
            threading.Thread(target=self._show, name="light", daemon=True).start()

    def stop(self) -> None:
        """Leave the light off."""
        self._stop.set()

    def _show(self) -> None:
        for is_on, seconds in self._rounds():
            if not self._set(is_on):
                return
            if self._stop.wait(seconds):
                self._set(False)
                return

    def _rounds(self) -> Iterator[tuple[bool, float]]:
        while True:
            yield from pattern(self.message)

    def _set(self, is_on: bool) -> bool:
        assert self._brightness is not None
        try:
            self._brightness.write_text("1" if is_on else "0")
        except OSError:
            return False  # not allowed to: the light is a help, no more
        return True
