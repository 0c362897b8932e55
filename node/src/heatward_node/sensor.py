"""The sensors of a bus: one protocol, and w1thermsensor behind it.

The library finds the sensors and opens their files. What a reading is worth is decided here
(:mod:`heatward_node.scratchpad`), since the library returns 127.94 as good and refuses a genuine
85.0, and since a fault must keep its bytes as evidence.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from heatward_node.errors import RecordError, SensorError
from heatward_node.reading import Quality
from heatward_node.rom import kernel_name, rom_from_kernel_name
from heatward_node.scratchpad import judge, scratchpad_of

BUS = Path("/sys/bus/w1/devices")
CONVERSATION_TIMEOUT_S = 30.0
"""A 12-bit conversion takes 0.75 s: 30 s are 40 sensors one after the other."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one sensor said, or that it said nothing (``scratchpad`` is empty then)."""

    rom: bytes
    scratchpad: bytes
    quality: Quality


class SensorBackend(Protocol):
    """All sensors of a node."""

    def measure(self) -> list[Measurement]:
        """Measure every sensor once. Raises SensorError where the bus itself is at fault."""


class W1Bus:
    """DS18B20 sensors as the kernel's w1_therm shows them under ``path``.

    A sensor seen for the first time, or again after a fault, is measured twice and the first value
    thrown away: after power-up some parts report their last or a default temperature as if it were
    measured. A sensor that was there and is gone gives a measurement with ``SENSOR_GONE``.
    """

    def __init__(self, path: Path = BUS) -> None:
        self._path = path
        self._driver = _driver(path)
        self._sensors: dict[bytes, Any] = {}
        self._settled: set[bytes] = set()
        """Sensors whose last measurement was good: they have had power since."""

    def measure(self) -> list[Measurement]:
        """Measure every sensor once, in the order of their names."""
        try:
            present = self._find()
        except SensorError:
            self._settled.clear()
            raise
        self._convert_all(len(present))
        return [
            self._one(rom, rom in present)
            for rom in sorted(present | self._sensors.keys(), key=kernel_name)
        ]

    def _find(self) -> set[bytes]:
        try:
            names = [entry.name for entry in self._path.iterdir()]
        except OSError as error:
            detail = f"{self._path} cannot be listed: {error}"
            raise SensorError(Quality.BUS_GONE, detail) from error
        found = set()
        for name in names:
            if not name.startswith("28-"):
                continue
            try:
                found.add(rom_from_kernel_name(name))
            except RecordError:
                continue  # a ghost on a noisy bus: no ROM code has such a name
        return found

    def _convert_all(self, count: int) -> None:
        """Start one conversion for the whole bus where the kernel can: 0.75 s instead of n."""
        if count < 2:
            return
        for master in self._path.glob("w1_bus_master*/therm_bulk_read"):
            try:
                master.write_text("trigger\n")
            except OSError:
                continue  # not allowed, or an older kernel: each read converts by itself

    def _one(self, rom: bytes, is_present: bool) -> Measurement:
        measurement = self._measurement(rom) if is_present else _nothing(rom, Quality.SENSOR_GONE)
        if measurement.quality is Quality.GOOD:
            self._settled.add(rom)
        else:
            self._settled.discard(rom)
        return measurement

    def _measurement(self, rom: bytes) -> Measurement:
        try:
            if rom not in self._sensors:
                self._sensors[rom] = self._driver(rom)
            if rom not in self._settled:
                self._text(rom)
            scratchpad, kernel_says_yes = scratchpad_of(self._text(rom))
        except SensorError as error:
            return _nothing(rom, Quality(error.quality))
        return Measurement(rom, scratchpad, judge(scratchpad, kernel_says_yes))

    def _text(self, rom: bytes) -> str:
        from w1thermsensor.errors import W1ThermSensorError

        try:
            return "".join(self._sensors[rom].get_raw_sensor_strings())
        except (FileNotFoundError, W1ThermSensorError) as error:
            raise SensorError(Quality.SENSOR_GONE, str(error)) from error
        except (OSError, IndexError, UnicodeDecodeError) as error:
            raise SensorError(Quality.DRIVER_ERROR, str(error)) from error


class Bounded:
    """Another backend that may hang: a conversation longer than ``timeout_s`` is given up.

    A short on the bus can block the kernel's read for minutes. The stuck conversation keeps its
    thread, and until it ends every further one reports the bus as stalled.
    """

    def __init__(self, backend: SensorBackend, timeout_s: float = CONVERSATION_TIMEOUT_S) -> None:
        self._backend = backend
        self._timeout_s = timeout_s
        self._last: Future[list[Measurement]] | None = None

    def measure(self) -> list[Measurement]:
        """Measure every sensor once. Raises SensorError where the bus does not answer."""
        if self._last is not None and not self._last.done():
            raise SensorError(Quality.BUS_STALLED, "the last conversation has not ended")
        future: Future[list[Measurement]] = Future()
        self._last = future
        # A daemon: a thread that the kernel holds must not keep the process from ending.
        threading.Thread(target=self._converse, args=(future,), name="bus", daemon=True).start()
        try:
            return future.result(self._timeout_s)
        except FutureTimeoutError as error:
            raise SensorError(
                Quality.BUS_STALLED, f"no answer within {self._timeout_s:.0f} s"
            ) from error

    def _converse(self, future: Future[list[Measurement]]) -> None:
        try:
            future.set_result(self._backend.measure())
        except BaseException as error:  # whatever it is, it belongs to whoever waits
            future.set_exception(error)


def _nothing(rom: bytes, quality: Quality) -> Measurement:
    return Measurement(rom, b"", quality)


def _driver(path: Path) -> Callable[[bytes], Any]:
    """Return a maker of w1thermsensor sensors on another path than the library's own.

    Imported here, since the import itself would load kernel modules.
    """
    os.environ.setdefault("W1THERMSENSOR_NO_KERNEL_MODULE", "1")
    from w1thermsensor import Sensor, W1ThermSensor

    class RawSensor(W1ThermSensor):  # type: ignore[misc]
        BASE_DIRECTORY = path
        RETRY_ATTEMPTS = 1
        RETRY_DELAY_SECONDS = 0.0

        def get_raw_sensor_strings(self) -> list[str]:
            """Return the lines as they are: the library would throw away those of a fault."""
            with self.sensorpath.open("r", encoding="ascii") as file:
                return list(file)

    def make(rom: bytes) -> Any:
        from w1thermsensor.errors import W1ThermSensorError

        try:
            return RawSensor(Sensor.DS18B20, kernel_name(rom).partition("-")[2])
        except W1ThermSensorError as error:
            raise SensorError(Quality.SENSOR_GONE, str(error)) from error

    return make
