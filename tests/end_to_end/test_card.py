"""A card from the office to the page: made, set up, started as systemd would, enrolled, heard.

As far as a PC allows: the unit's own commands with its environment and its rights, a 1-Wire tree of
files, the real collector with its enrolment process, and a real Mosquitto over TLS, both behind
nginx on the one port that a node knows.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from click.testing import CliRunner

from heatward_collector.cli import heatward as commands
from heatward_collector.config import Config, load
from heatward_collector.enrolment.service import open_office
from heatward_collector.ledger import LedgerReader
from heatward_collector.registry import open_registry, spreadsheets
from heatward_collector.running.service import Supervisor
from heatward_node.events import Checkpoint
from heatward_node.reading import Kind
from heatward_node.rom import rom_from_kernel_name
from support.enrolled import running_broker, running_one_port
from support.evidence import LIVING, SAMPLE
from support.ports import HOST, free_port, is_listening, wait_until
from support.w1_tree import W1Tree

pytestmark = pytest.mark.broker
STAGES = ("ingest", "view", "enrolment", "web")
"""What a reading passes on its way to the page; those that judge it have tests of their own."""
PATIENCE_S = 120
"""A collector starts in seconds, on a machine that does nothing else."""
NOBODY = 65_534
RAW = 341
"""21.3125 degC; the sample's calibration takes 0.12 K off."""
VOUCHES = (
    "import heatward_node.clock as clock\nclock.SystemClock.is_synchronised = lambda self: True\n"
)
"""Stands for timesyncd, which a container does not have: the clock of a test machine is right."""


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that nobody can enter too, as /opt and /var/lib are."""
    folder = Path(tempfile.mkdtemp(prefix="heatward-card-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def heatward(*arguments: str) -> str:
    done = CliRunner().invoke(commands, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return str(done.output)


def write_configuration(folder: Path) -> Path:
    mqtt_port, authority = free_port(), folder / "authority"
    file = folder / "collector.toml"
    file.write_text(
        f"""
        [state]
        directory = "state"
        [mqtt]
        url = "mqtts://{HOST}:{mqtt_port}"
        ca_file = "{authority}/ca.pem"
        certificate_file = "{authority}/collector.pem"
        key_file = "{authority}/collector.pem"
        [enrolment]
        name = "{HOST}"
        public_port = {free_port()}
        port = {free_port()}
        mqtt_port = {mqtt_port}
        directory = "{authority}"
        [web]
        port = {free_port()}
        [rules]
        city = "demo"
        [log]
        format = "text"
        """
    )
    return file


class Unit:
    """The node's unit as systemd would run it: its commands, its environment, its rights."""

    def __init__(self, root: Path, sys_tree: Path, boot: Path) -> None:
        text = (root / "etc/systemd/system/heatward-node.service").read_text()
        command = dict(re.findall(r"^(ExecStartPre|ExecStart)=\+?(.*)$", text, re.M))
        self._before = str(root) + command["ExecStartPre"]
        self._start = [str(root) + command["ExecStart"].split()[0], "run", "-c"]
        self._start.append(str(root / "etc/heatward/node.toml"))
        self.state, self.run = root / "var/lib/heatward", root / "run/heatward"
        self._environment = {
            "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
            "STATE_DIRECTORY": str(self.state),
            "RUNTIME_DIRECTORY": str(self.run),
            "HEATWARD_ROOT": str(root),
            "HEATWARD_SYS": str(sys_tree),
            "HEATWARD_BOOT": str(boot),
            "HEATWARD_RUN": str(self.run),
            "HEATWARD_TRIES": "1",
        }
        for folder in (self.state, self.run):
            folder.mkdir(parents=True)
            folder.chmod(0o700)
            if os.getuid() == 0:
                os.chown(folder, NOBODY, NOBODY)
        self.said: list[str] = []

    def prepare(self) -> None:
        subprocess.run([self._before], env=self._environment, check=True, timeout=60)

    @contextmanager
    def running(self, log: Path) -> Iterator[None]:
        """Run the service; what it says to systemd is in ``said``."""
        address = self.run / "notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel, log.open("ab") as file:
            channel.bind(str(address))
            address.chmod(0o777)
            channel.settimeout(0.2)
            self._channel = channel
            self.said.clear()
            rights = []
            if os.getuid() == 0:
                rights = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
                rights += ["--no-new-privs", "--bounding-set=-all"]
            process = subprocess.Popen(
                [*rights, *self._start],
                env={**self._environment, "NOTIFY_SOCKET": str(address), "WATCHDOG_USEC": "1"},
                stdout=file,
                stderr=file,
            )
            try:
                yield
                process.send_signal(signal.SIGTERM)
                assert process.wait(60) == 0, log.read_text()
            except AssertionError as error:
                raise AssertionError(f"{error}\n{log.read_text()}") from error
            finally:
                process.kill()
                process.wait()
                address.unlink()

    def hears(self, word: str) -> bool:
        with suppress(TimeoutError):
            self.said.append(self._channel.recv(4096).decode())
        return any(word in one for one in self.said)


@contextmanager
def running_collector(config: Config) -> Iterator[None]:
    """Run the collector's real processes under their supervisor."""
    stop = threading.Event()
    supervisor = threading.Thread(target=Supervisor(config, STAGES).run, args=(stop,))
    supervisor.start()
    try:
        yield
    finally:
        stop.set()
        supervisor.join(40)


def wait_for(condition: Callable[[], object], what: str) -> None:
    wait_until(condition, what, PATIENCE_S)


def page(port: int, path: str) -> str:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}{path}", timeout=10) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


def test_an_empty_card_becomes_a_reading_on_the_page(place: Path) -> None:
    file = write_configuration(place)
    config = load(file)
    spreadsheets.import_folder(open_registry(config), SAMPLE)
    heatward("enrolment", "init", "-c", str(file))
    boot, root = place / "boot", place / "root"
    heatward("node-kit", "make", "--node", "n0001", "--output", str(boot), "-c", str(file))
    heatward("node-kit", "check", str(boot))

    # The card's own set-up, into a folder instead of a Pi, on an image that is strict with rights.
    environment = {
        "HEATWARD_BOOT": str(boot),
        "HEATWARD_ROOT": str(root),
        "PATH": os.environ["PATH"],
    }
    subprocess.run(
        ["sh", boot / "heatward/setup.sh"], env=environment, check=True, timeout=60, umask=0o077
    )
    (root / "opt/heatward/current/sitecustomize.py").write_text(VOUCHES)
    tree = W1Tree(place / "sys/bus/w1/devices")
    tree.show(rom_from_kernel_name(LIVING), RAW)
    toml = root / "etc/heatward/node.toml"
    text = re.sub(r'"(/(?:var|run)/)', rf'"{root}\1', toml.read_text())
    toml.write_text(f'{text}\n[bus]\npath = "{tree.path}"\n')
    unit = Unit(root, place / "sys", boot)
    certificate = unit.state / "identity" / "certificate.pem"

    with (
        running_broker(config, place),
        running_one_port(config, place),
        running_collector(config),
    ):
        wait_for(lambda: is_listening(config.enrolment.port), "the authority answers")
        unit.prepare()
        # What happens on the card once the certificate is there is the unit heatward-code.path.
        with unit.running(place / "node.log"):
            wait_for(lambda: unit.hears("READY=1"), "the unit is ready")
            wait_for(certificate.exists, "the card is enrolled")
            wait_for(lambda: unit.hears("STATUS=sending, unacked 0"), "all is acked")
        unit.prepare()
        assert not (boot / "heatward" / "code.txt").exists()
        shown = f"{RAW / 16 - 0.12:.1f}"
        wait_for(lambda: shown in page(config.web.port, "/room/h0001-r1"), "the page shows it")
        # A second start needs no code.
        with unit.running(place / "node.log"):
            wait_for(lambda: unit.hears("STATUS=sending, unacked 0"), "heard again")
    records = [
        one for batch in LedgerReader(config.state.ledger).batches() for _, _, one in batch.others
    ]
    signed = [Checkpoint.from_record(one) for one in records if one.kind == Kind.CHECKPOINT]
    assert len(signed) == 2
    assert signed[0].signature == b""  # before it was enrolled
    assert signed[1].signature
    assert [one.node for one in open_office(config).book.certificates()] == ["n0001"]
    assert is_listening(config.web.port) is False
    assert "Traceback" not in (place / "node.log").read_text()
