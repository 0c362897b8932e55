"""``heatward-node``: run, check the wiring, read once, check the configuration."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import textwrap
from pathlib import Path

from heatward_node import __version__
from heatward_node.config import load
from heatward_node.errors import (
    EXIT_CONFIGURATION,
    ConfigurationError,
    HeatwardNodeError,
    SensorError,
)
from heatward_node.reading import Quality
from heatward_node.rom import kernel_name
from heatward_node.running import run_node
from heatward_node.sensor import BUS, Bounded, W1Bus
from heatward_node.wifi import take_wifi
from heatward_node.wiring import diagnose
from heatward_node.wiring_drawings import PAGE, drawing

DEFAULT_CONFIG = Path("/etc/heatward/node.toml")
BOOT = Path("/boot/firmware")
NETWORKS = Path("/etc/NetworkManager/system-connections")


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
        ("take-wifi", _take_wifi, "取卡上的 wifi.txt / take the home's network from wifi.txt"),
        ("read-once", _read_once, "读一次所有传感器 / read every sensor once"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(command=function)
        if name in ("run", "check-config"):
            command.add_argument("-c", "--config", type=Path, default=DEFAULT_CONFIG)
        elif name == "take-wifi":
            command.add_argument("--boot", type=Path, default=BOOT)
            command.add_argument("--networks", type=Path, default=NETWORKS)
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
        if finding.is_fault and (picture := drawing(finding.code, options.lang)):
            print(f"\n{textwrap.indent(picture, '    ')}\n")
    is_faulty = any(finding.is_fault for finding in findings)
    if is_faulty:
        print(PAGE[0] if options.lang == "zh" else PAGE[1])
    return int(is_faulty)


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


def _take_wifi(options: argparse.Namespace) -> int:
    """Exit code 0 also where it was not understood: the node must start all the same."""
    print(f"wifi.txt: {take_wifi(options.boot, options.networks)}")
    return 0


def _run(options: argparse.Namespace) -> int:
    run_node(load(options.config))
    return 0


if __name__ == "__main__":
    sys.exit(main())
