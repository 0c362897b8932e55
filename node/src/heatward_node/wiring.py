"""What is wrong with the wiring, from what the bus shows; the words are in ``wiring_words``."""

from __future__ import annotations

from pathlib import Path

from heatward_node.errors import SensorError
from heatward_node.maker import make_of
from heatward_node.reading import Quality
from heatward_node.rom import kernel_name
from heatward_node.sensor import Measurement, SensorBackend
from heatward_node.wiring_words import (
    COUNTERFEIT,
    COUNTERFEIT_UNFIT,
    GHOSTS,
    NO_MASTER,
    NO_OVERLAY,
    NO_SENSOR_FOUND,
    STALLED,
    Finding,
    finding_of,
    finding_of_copy,
)


def diagnose(bus: Path, backend: SensorBackend) -> list[Finding]:
    """Measure once; return what the bus and its sensors show, faults first."""
    try:
        names = [entry.name for entry in bus.iterdir()]
    except OSError:
        return [NO_OVERLAY]
    findings = [GHOSTS] if any(name.startswith("00-") for name in names) else []
    try:
        measurements = backend.measure()
    except SensorError as error:
        return [*findings, STALLED if error.quality == Quality.BUS_STALLED else NO_OVERLAY]
    if not measurements:
        has_master = any(name.startswith("w1_bus_master") for name in names)
        findings.append(NO_SENSOR_FOUND if has_master or findings else NO_MASTER)
    for measurement in measurements:
        findings += _of_sensor(bus, measurement)
    return sorted(findings, key=lambda finding: not finding.is_fault)


def _of_sensor(bus: Path, measurement: Measurement) -> list[Finding]:
    name = kernel_name(measurement.rom)
    findings = []
    if _is_parasite(bus / name):
        findings.append(
            Finding(
                "parasite",
                True,
                f"传感器 {name} 没有用红线供电（寄生供电），容易读出 85 或 127.94 ℃。请把红线接到 3.3 V（第 1 针）。",
                f"Sensor {name} is not supplied by its red wire (parasite power) and will show "
                f"85 or 127.94 degC. Put the red wire on 3.3 V (pin 1).",
            )
        )
    if measurement.quality is not Quality.GOOD:
        return [*findings, finding_of(measurement.quality, name)]
    celsius = int.from_bytes(measurement.scratchpad[:2], "little", signed=True) / 16
    findings.append(
        Finding(
            "fine", False, f"传感器 {name}：{celsius:.2f} ℃", f"Sensor {name}: {celsius:.2f} degC"
        )
    )
    make = make_of(measurement.rom, measurement.scratchpad)
    if make.is_unfit:
        return [*findings, finding_of_copy(COUNTERFEIT_UNFIT, name)]
    if make.needs_calibration:
        findings.append(finding_of_copy(COUNTERFEIT, name))
    return findings


def _is_parasite(folder: Path) -> bool:
    try:
        return (folder / "ext_power").read_text().strip() == "0"
    except OSError:
        return False  # an older kernel does not say
