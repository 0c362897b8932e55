"""What a Raspberry Pi's own tools say of the files on the card: cloud-init, systemd, shellcheck."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from heatward_collector.node_kit import write_bundle
from heatward_collector.node_kit.bundle import TEMPLATES
from heatward_collector.node_kit.inspection import OVERLAY, USER_DATA_KEYS
from support.cards import CARD, KIT, authority_pem
from support.servers import find_program

ROOT = Path(__file__).parents[2]
CARD_FILES = ROOT / "firmware-config" / "card"
UNITS = CARD_FILES / "heatward" / "system"
BROKER_UNITS = ROOT / "firmware-config" / "broker"
WORST_SCORE = 2.0


def tool(*command):
    program = find_program(command[0])
    return subprocess.run(
        [program, *map(str, command[1:])], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.fixture(scope="module")
def card(tmp_path_factory):
    folder = tmp_path_factory.mktemp("card")
    write_bundle(folder, CARD, KIT, authority_pem(folder / "authority"), 1_793_000_000)
    return folder


def test_the_templates_of_the_package_are_those_of_the_repository():
    assert TEMPLATES.resolve() == CARD_FILES.resolve()


def test_cloud_init_takes_what_the_card_tells_it(card):
    done = tool("cloud-init", "schema", "-c", card / "user-data")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Valid" in done.stdout


def test_cloud_init_would_have_noticed_a_wrong_kind(card, tmp_path):
    text = (card / "user-data").read_text().replace('hostname: "n0001"', "hostname: [1]")
    (tmp_path / "user-data").write_text(text)
    assert tool("cloud-init", "schema", "-c", tmp_path / "user-data").returncode != 0


def test_every_key_of_the_user_data_is_known_to_us_too(card):
    keys = re.findall(r"^([a-z_]+):", (card / "user-data").read_text(), re.M)
    assert set(keys) == USER_DATA_KEYS


def test_nothing_is_left_to_fill_in(card):
    for name in ("user-data", "meta-data", "network-config", "config.txt"):
        assert not re.search("@[A-Z_]+@", (card / name).read_text()), name


def test_the_network_names_the_hotspot_of_the_label(card):
    network = yaml.safe_load((card / "network-config").read_text())["network"]
    assert network["wifis"]["wlan0"]["access-points"] == {"HW-n0001": {"password": "abcdefghjk"}}


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The units with the programs they name, in a folder of their own."""
    folder = tmp_path_factory.mktemp("units")
    programs = folder / "bin"
    shutil.copytree(CARD_FILES / "heatward" / "bin", programs)
    for unit in UNITS.iterdir():
        text = unit.read_text().replace("/opt/heatward/bin", str(programs))
        text = text.replace("/usr/bin/apt-get", shutil.which("true") or "/bin/true")
        (folder / unit.name).write_text(text)
    return folder


@pytest.mark.parametrize("unit", sorted(path.name for path in BROKER_UNITS.iterdir()))
def test_systemd_finds_nothing_to_say_about_a_unit_of_the_office(tmp_path, unit):
    shutil.copytree(BROKER_UNITS, tmp_path / "units")
    done = tool("systemd-analyze", "verify", "--man=no", tmp_path / "units" / unit)
    lines = [line for line in done.stderr.splitlines() if "heatward" in line]
    assert (done.returncode, lines) == (0, [])


@pytest.mark.parametrize("unit", sorted(path.name for path in UNITS.iterdir()))
def test_systemd_finds_nothing_to_say_about_a_unit(installed, unit):
    done = tool("systemd-analyze", "verify", "--man=no", installed / unit)
    lines = [line for line in done.stderr.splitlines() if "heatward" in line]
    assert (done.returncode, lines) == (0, [])


def test_systemd_would_have_noticed_a_typing_error(installed, tmp_path):
    text = (installed / "heatward-node.service").read_text()
    (tmp_path / "heatward-node.service").write_text(text.replace("WatchdogSec", "WatchdogSecs"))
    done = tool("systemd-analyze", "verify", "--man=no", tmp_path / "heatward-node.service")
    assert "WatchdogSecs" in done.stderr


@pytest.mark.parametrize(
    "unit", [UNITS / "heatward-node.service", BROKER_UNITS / "heatward-nodes.service"]
)
def test_what_faces_the_network_is_shut_in_as_tightly_as_promised(unit):
    done = tool("systemd-analyze", "security", "--offline=true", "--no-pager", unit)
    score = re.search(r"Overall exposure level for .*: ([0-9.]+)", done.stdout)
    assert score is not None, done.stdout + done.stderr
    assert float(score[1]) <= WORST_SCORE


def test_the_node_runs_as_nobody_with_notify_and_watchdog():
    lines = (UNITS / "heatward-node.service").read_text().splitlines()
    for line in (
        "Type=notify",
        "WatchdogSec=120",
        "DynamicUser=yes",
        "RestartPreventExitStatus=78",
        "ExecStartPre=+/opt/heatward/bin/prepare-node",
    ):
        assert line in lines


def test_the_scripts_have_no_fault_that_shellcheck_knows():
    scripts = [
        path
        for path in CARD_FILES.rglob("*")
        if path.is_file() and path.read_bytes().startswith(b"#!/bin/sh")
    ]
    assert len(scripts) >= 6
    done = tool("shellcheck", *scripts)
    assert done.returncode == 0, done.stdout


def test_the_bus_is_in_the_firmwares_own_file():
    assert OVERLAY in (CARD_FILES / "config.txt").read_text().splitlines()
    assert "dtparam=watchdog=on" in (CARD_FILES / "config.txt").read_text().splitlines()


def script(name, **environment):
    return subprocess.run(
        ["sh", str(CARD_FILES / "heatward" / name)],
        env={"PATH": os.environ["PATH"], **{key: str(value) for key, value in environment.items()}},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def pi(tmp_path):
    """A Pi on paper: /sys, the card, and the folders of the service."""
    bus = tmp_path / "sys" / "bus" / "w1" / "devices"
    sensor, master = bus / "28-000000000001", bus / "w1_bus_master1"
    light = tmp_path / "sys" / "class" / "leds" / "ACT"
    for folder in (sensor, master, light, tmp_path / "boot" / "heatward", tmp_path / "run"):
        folder.mkdir(parents=True)
    (sensor / "ext_power").write_text("1\n")
    (sensor / "features").write_text("0\n")
    (sensor / "resolution").write_text("9\n")
    (master / "therm_bulk_read").write_text("0\n")
    (master / "therm_bulk_read").chmod(0o644)
    (light / "trigger").write_text("[mmc0]")
    (light / "brightness").write_text("0")
    (light / "brightness").chmod(0o644)
    (tmp_path / "boot" / "heatward" / "code.txt").write_text("abc\n")
    return tmp_path


def prepare(pi):
    return script(
        "bin/prepare-node",
        HEATWARD_SYS=pi / "sys",
        HEATWARD_BOOT=pi / "boot",
        RUNTIME_DIRECTORY=pi / "run",
        STATE_DIRECTORY=pi / "state",
        HEATWARD_RUN=pi / "run",
        HEATWARD_TRIES=1,
    )


def test_before_the_node_starts_the_bus_is_set_up(pi):
    assert prepare(pi).returncode == 0
    sensor = pi / "sys/bus/w1/devices/28-000000000001"
    assert (sensor / "features").read_text() == "3\n"
    assert (sensor / "resolution").read_text() == "12\n"
    bulk = pi / "sys/bus/w1/devices/w1_bus_master1/therm_bulk_read"
    assert bulk.stat().st_mode & 0o777 == 0o646
    assert (pi / "sys/class/leds/ACT/trigger").read_text() == "none\n"
    assert (pi / "run" / "code.txt").read_text() == "abc\n"


def test_a_sensor_without_a_supply_of_its_own_is_not_polled(pi):
    (pi / "sys/bus/w1/devices/28-000000000001/ext_power").write_text("0\n")
    prepare(pi)
    assert (pi / "sys/bus/w1/devices/28-000000000001/features").read_text() == "0\n"


def test_a_wifi_file_that_was_not_understood_reaches_the_light(pi):
    (pi / "boot" / "wifi-error.txt").write_text("x")
    prepare(pi)
    assert (pi / "run" / "wifi-error").exists()
    (pi / "boot" / "wifi-error.txt").unlink()
    prepare(pi)
    assert not (pi / "run" / "wifi-error").exists()


def test_a_wish_to_leave_waits_for_the_collector_unless_it_says_now(pi):
    (pi / "state").mkdir()
    prepare(pi)
    assert not (pi / "run" / "wipe-wanted").exists()
    (pi / "boot" / "wipe.txt").write_text("")
    prepare(pi)
    assert (pi / "run" / "wipe-wanted").exists()
    assert not (pi / "state" / "wipe").exists()
    (pi / "boot" / "wipe.txt").write_text("now\r\n")
    prepare(pi)
    assert (pi / "state" / "wipe").exists()


def home_that_leaves(root):
    """A Pi on paper with everything that tells of a home; return the files that must go."""
    private = [
        root / "var/lib/private/heatward/journal.sqlite",
        root / "var/lib/private/heatward/identity/key.pem",
        root / "etc/heatward/node.toml",
        root / "etc/NetworkManager/system-connections/heatward-home.nmconnection",
        root / "boot/heatward/settings.env",
        root / "boot/network-config",
        root / "boot/wipe.txt",
        root / "opt/heatward/bin/wipe-node",
    ]
    others = [root / "etc/NetworkManager/system-connections/other", root / "boot/config.txt"]
    for path in [*private, *others, root / "var/lib/private/heatward/wipe"]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("of a home")
    return private, others


def test_a_home_that_leaves_leaves_nothing_on_the_card(tmp_path):
    root = tmp_path / "pi"
    private, others = home_that_leaves(root)
    for number, path in enumerate(private[:4]):
        os.link(path, tmp_path / f"blocks {number}")
    done = script("bin/wipe-node", HEATWARD_ROOT=root, HEATWARD_BOOT=root / "boot")
    assert done.returncode == 0, done.stderr
    assert [path for path in private if path.exists()] == []
    assert [path for path in others if not path.exists()] == []
    assert not (root / "var/lib/private/heatward").exists()
    for number in range(4):
        assert b"of a home" not in (tmp_path / f"blocks {number}").read_bytes()
    assert "Wiped" in (root / "boot/heatward-wiped.txt").read_text("utf-8-sig")
    # Cut off before its end it is asked for again, and again it ends well.
    (root / "var/lib/private/heatward").mkdir(parents=True)
    (root / "var/lib/private/heatward/wipe").touch()
    again = script("bin/wipe-node", HEATWARD_ROOT=root, HEATWARD_BOOT=root / "boot")
    assert again.returncode == 0, again.stderr


def test_a_bus_that_is_not_there_does_not_keep_the_node_from_starting(pi):
    shutil.rmtree(pi / "sys" / "bus")
    assert prepare(pi).returncode == 0


def test_the_code_goes_when_the_certificate_is_there_and_not_before(pi):
    code = pi / "boot" / "heatward" / "code.txt"
    os.link(code, pi / "same blocks")
    where = {"HEATWARD_BOOT": pi / "boot", "STATE_DIRECTORY": pi / "state", "HEATWARD_RUN": pi}
    script("bin/erase-code", **where)
    assert code.exists()
    (pi / "state" / "identity").mkdir(parents=True)
    (pi / "state" / "identity" / "certificate.pem").write_text("x")
    script("bin/erase-code", **where)
    assert not code.exists()
    assert not any((pi / "same blocks").read_bytes())
    assert script("bin/erase-code", **where).returncode == 0


def test_set_up_makes_a_node_of_a_system_without_any_network(card, tmp_path):
    sources = tmp_path / "etc" / "apt"
    sources.mkdir(parents=True)
    (sources / "sources.list").write_text("deb http://deb.debian.org/debian trixie main\n")
    for _ in range(2):
        done = script("setup.sh", HEATWARD_BOOT=card, HEATWARD_ROOT=tmp_path)
        assert done.returncode == 0, done.stderr
    assert str((tmp_path / "opt/heatward/current").readlink()) == "versions/0.1.0"
    assert (tmp_path / "etc/heatward/node.toml").exists()
    assert (tmp_path / "etc/systemd/system/heatward-node.service").exists()
    assert "ntp.example" in (tmp_path / "etc/systemd/timesyncd.conf.d/heatward.conf").read_text()
    assert "https://mirror.example/debian" in (sources / "sources.list").read_text()
    hotspot = tmp_path / "etc/NetworkManager/system-connections/heatward-hotspot.nmconnection"
    assert hotspot.stat().st_mode & 0o777 == 0o600
    done = subprocess.run(
        [tmp_path / "opt/heatward/bin/heatward-node", "--version"],
        env={"PATH": os.environ["PATH"], "HEATWARD_ROOT": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "0.1.0"), done.stderr


def test_a_damaged_card_installs_nothing_and_says_so_on_the_card(card, tmp_path):
    copy = tmp_path / "boot"
    shutil.copytree(card, copy)
    wheel = next((copy / "heatward" / "wheels").glob("heatward_node*"))
    wheel.write_bytes(wheel.read_bytes()[:-1] + b"x")
    done = script("setup.sh", HEATWARD_BOOT=copy, HEATWARD_ROOT=tmp_path / "root")
    assert done.returncode == 1
    assert "重新拷贝" in (copy / "heatward-error.txt").read_text("utf-8-sig")
    assert not (tmp_path / "root" / "opt").exists()
