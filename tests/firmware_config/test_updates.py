"""Updates: signed, never older, cut off anywhere, and taken back where they do not work."""

import os
import shutil
import subprocess
import time
import zipfile
from pathlib import Path

import pytest

from heatward_collector.enrolment.releases import Release, Releases
from heatward_collector.errors import EnrolmentError
from heatward_collector.node_kit.wheels import write_wheels
from heatward_node.enrolment import Enrolment
from heatward_node.updates import Updates, release_of
from support.enrolled import configured, found, running_door
from support.ports import HOST

BIN = Path(__file__).parents[2] / "firmware-config" / "card" / "heatward" / "bin"
OLD, NEW, NEWER = 100, 200, 300
PROGRAM = """\
import pathlib
import heatward_node
print((pathlib.Path(heatward_node.__file__).parents[1] / "RELEASE").read_text().strip())
"""


def small_wheel(folder):
    """Write a wheel with a program that only says which release it is."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "heatward_node-0.1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("heatward_node/__init__.py", "")
        archive.writestr("heatward_node/cli.py", PROGRAM)
    return [path]


class Pi:
    """A node's folders, with an old version that runs."""

    def __init__(self, folder):
        self.root, self.state = folder / "root", folder / "state"
        self.opt = self.root / "opt" / "heatward"
        self.releases = Releases(folder / "authority")
        self.key = self.releases.keep_key()
        (self.root / "etc" / "heatward").mkdir(parents=True)
        (self.root / "etc" / "heatward" / "update.pem").write_text(self.key)
        shutil.copytree(BIN, self.opt / "bin")
        self.wheels = small_wheel(folder / "wheels")
        old = self.opt / "versions" / "0.1.0"
        old.mkdir(parents=True)
        with zipfile.ZipFile(self.wheels[0]) as archive:
            archive.extractall(old)
        (old / "RELEASE").write_text(f"{OLD}\n")
        (self.opt / "current").symlink_to("versions/0.1.0")
        self.state.mkdir()
        (self.state / "journal.sqlite").write_bytes(b"evidence")

    def fetch(self, number):
        """Lay a signed release where the node lays what it has fetched."""
        folder = self.state / "update"
        folder.mkdir(exist_ok=True)
        if (self.releases.offered() or Release(0, 0)).number != number:
            self.releases.offer(self.wheels, number, 100)
        for name in ("archive.zip", "archive.sig"):
            shutil.copy(self.releases.folder / name, folder / name)
        (folder / "ready").touch()

    def call(self, name, *arguments, **environment):
        return subprocess.run(
            ["sh", str(self.opt / "bin" / name), *arguments],
            env={
                "PATH": os.environ["PATH"],
                "HEATWARD_ROOT": str(self.root),
                "STATE_DIRECTORY": str(self.state),
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    @property
    def runs(self):
        """The release that a start would run now; fails where none would start."""
        done = self.call("heatward-node")
        assert done.returncode == 0, done.stderr
        return int(done.stdout)

    @property
    def chosen(self):
        """The release that a start would run, told by its files."""
        current = self.opt / "current"
        assert (current / "heatward_node" / "cli.py").read_text() == PROGRAM
        return int((current / "RELEASE").read_text())

    def is_healthy(self, number):
        (self.state / "update").mkdir(exist_ok=True)
        (self.state / "update" / "healthy").write_text(f"{number}\n")


@pytest.fixture
def pi(tmp_path):
    return Pi(tmp_path)


def test_an_update_that_works_is_kept_and_only_one_older_version_stays(pi):
    for number in (NEW, NEWER):
        pi.fetch(number)
        assert pi.call("install-update").returncode == 0
        assert pi.runs == number
        pi.call("settle-update")
        pi.is_healthy(number)
        assert "event=update_kept" in pi.call("settle-update").stdout
        assert not (pi.opt / "pending").exists()
    assert {one.name for one in (pi.opt / "versions").iterdir()} == {"r200", "r300"}


@pytest.mark.parametrize("harm", ["archive.zip", "archive.sig"])
def test_what_is_not_signed_whole_is_never_unpacked(pi, harm):
    pi.fetch(NEW)
    file = pi.state / "update" / harm
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    done = pi.call("install-update")
    assert (done.returncode, pi.runs) == (1, OLD)
    assert "signature" in done.stderr
    assert {one.name for one in (pi.opt / "versions").iterdir()} == {"0.1.0"}


def test_a_release_of_another_key_is_refused(pi, tmp_path):
    other = Releases(tmp_path / "other")
    other.keep_key()
    pi.releases = other
    pi.fetch(NEW)
    assert pi.call("install-update").returncode == 1
    assert pi.runs == OLD


def test_an_older_release_is_refused_though_it_is_signed(pi):
    pi.fetch(OLD - 1)
    done = pi.call("install-update")
    assert "not_newer" in done.stderr
    assert pi.runs == OLD


def test_a_version_that_ends_at_every_start_is_taken_back_and_not_tried_again(pi):
    pi.fetch(NEW)
    pi.call("install-update")
    for _ in range(3):
        pi.call("settle-update")
        assert pi.runs == NEW
    assert "update_taken_back" in pi.call("settle-update").stdout
    assert pi.runs == OLD
    pi.fetch(NEW)
    assert "not_newer" in pi.call("install-update").stderr
    pi.fetch(NEWER)
    pi.call("install-update")
    assert pi.runs == NEWER


def test_a_version_that_never_reaches_the_collector_is_taken_back_and_may_be_tried_again(pi):
    pi.fetch(NEW)
    pi.call("install-update")
    began = int((pi.opt / "pending").read_text().splitlines()[3])
    pi.call("settle-update", "timer", HEATWARD_UPTIME=str(began + 1700))
    assert pi.runs == NEW
    pi.call("settle-update", "timer", HEATWARD_UPTIME=str(began + 1900))
    assert pi.runs == OLD
    pi.fetch(NEW)
    pi.call("install-update")
    assert pi.runs == NEW


def test_after_a_restart_of_the_pi_the_half_hour_counts_from_there(pi):
    pi.fetch(NEW)
    pi.call("install-update")
    lines = (pi.opt / "pending").read_text().splitlines()
    (pi.opt / "pending").write_text("\n".join([*lines[:3], "999999", ""]))
    pi.call("settle-update", "timer", HEATWARD_UPTIME="60")
    assert pi.runs == NEW
    pi.call("settle-update", "timer", HEATWARD_UPTIME="2000")
    assert pi.runs == OLD


WRAPPED = (
    "rm",
    "mkdir",
    "cp",
    "openssl",
    "cat",
    "grep",
    "mv",
    "sync",
    "readlink",
    "cut",
    "ln",
    "sed",
)
CUT_OFF = """\
#!/bin/sh
count=$(/bin/cat "$CUT_COUNTER")
/usr/bin/printf '%s' $((count + 1)) >"$CUT_COUNTER"
[ "$count" -lt "$CUT_AT" ] || kill -9 "$PPID"
exec {program} "$@"
"""


@pytest.fixture
def cut(tmp_path):
    """Run one of the scripts with the power cut off before its n-th command; False: it ended."""
    folder = tmp_path / "wrapped"
    folder.mkdir()
    for name in WRAPPED:
        file = folder / name
        file.write_text(CUT_OFF.format(program=shutil.which(name)))
        file.chmod(0o755)
    counter = tmp_path / "counter"

    def run(pi, name, at):
        counter.write_text("0")
        done = pi.call(
            name, PATH=f"{folder}:/usr/bin:/bin", CUT_COUNTER=str(counter), CUT_AT=str(at)
        )
        return done.returncode == -9

    return run


def test_an_update_cut_off_at_every_step_leaves_a_version_that_runs(tmp_path, cut):
    steps = seen_old = 0
    while True:
        pi = Pi(tmp_path / f"pi{steps}")
        pi.fetch(NEW)
        was_cut = cut(pi, "install-update", steps)
        assert pi.chosen in (OLD, NEW)
        seen_old += pi.chosen == OLD
        assert (pi.state / "journal.sqlite").read_bytes() == b"evidence"
        pi.call("settle-update")  # as before the next start
        assert pi.chosen in (OLD, NEW)
        if pi.chosen == OLD:
            pi.fetch(NEW)  # the node fetches again what it has not got
            assert pi.call("install-update").returncode == 0
        assert pi.chosen == NEW
        pi.is_healthy(NEW)
        pi.call("settle-update")
        assert not (pi.opt / "pending").exists()
        steps += 1
        if not was_cut:
            break
    assert steps > 15
    assert 5 < seen_old < steps


def test_going_back_cut_off_at_every_step_ends_with_the_old_version(tmp_path, cut):
    steps = 0
    while True:
        pi = Pi(tmp_path / f"pi{steps}")
        pi.fetch(NEW)
        pi.call("install-update")
        for _ in range(3):
            pi.call("settle-update")
        was_cut = cut(pi, "settle-update", steps)
        assert pi.chosen in (OLD, NEW)
        for _ in range(2):
            pi.call("settle-update")
        assert pi.chosen == OLD
        steps += 1
        if not was_cut:
            break
    assert steps > 6


def test_a_share_of_the_nodes_grows_and_loses_none():
    nodes = [f"n{number:04d}" for number in range(2000)]
    few = {node for node in nodes if Release(7, 1).is_for(node)}
    some = {node for node in nodes if Release(7, 10).is_for(node)}
    assert 5 < len(few) < 50
    assert few < some
    assert 150 < len(some) < 250
    assert all(Release(7, 100).is_for(node) for node in nodes)
    assert not any(Release(7, 0).is_for(node) for node in nodes)


def test_a_release_needs_a_larger_number(tmp_path):
    releases = Releases(tmp_path)
    releases.keep_key()
    with pytest.raises(EnrolmentError):
        releases.widen(10)
    wheels = small_wheel(tmp_path / "w")
    releases.offer(wheels, 5, 1)
    with pytest.raises(EnrolmentError, match="larger"):
        releases.offer(wheels, 5, 1)
    assert releases.widen(50) == Release(5, 50)


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    folder = tmp_path_factory.mktemp("door")
    config = configured(folder)
    found(config, time.time())
    releases = Releases(config.enrolment.directory)
    releases.keep_key()
    with running_door(config):
        yield config, releases


def node(office, folder, release):
    config, releases = office
    card = folder / "etc"
    card.mkdir()
    shutil.copy(config.enrolment.directory / "ca.pem", card / "ca.pem")
    shutil.copy(releases.public_key, card / "update.pem")
    settings = Enrolment(
        f"https://{HOST}:{config.enrolment.port}", folder / "code", folder / "state" / "identity"
    )
    return Updates(settings, "n0001", card / "ca.pem", release)


def test_a_node_fetches_what_is_offered_and_newer(office, tmp_path):
    _, releases = office
    updates = node(office, tmp_path, OLD)
    assert updates.step() is False  # nothing is offered yet
    releases.offer(write_wheels(tmp_path / "wheels"), NEW, 100)
    assert updates.step() is True
    assert (updates.folder / "ready").exists()
    names = {path.name for path in updates.folder.iterdir()}
    assert names == {"archive.zip", "archive.sig", "ready"}
    releases.widen(0)
    (updates.folder / "ready").unlink()
    assert updates.step() is False
    releases.widen(100)
    (tmp_path / "etc" / "update.pem").write_text(Releases(tmp_path / "other").keep_key())
    with pytest.raises(OSError, match="not signed"):
        updates.step()
    assert not (updates.folder / "ready").exists()
    updates._release = NEW
    assert updates.step() is False
    updates.mark_healthy()
    assert (updates.folder / "healthy").read_text() == f"{NEW}\n"


def test_a_program_that_did_not_come_from_a_card_fetches_nothing(office, tmp_path):
    assert release_of(tmp_path) == 0
    (tmp_path / "RELEASE").write_text("17\n")
    assert release_of(tmp_path) == 17
    assert node(office, tmp_path, 0).step() is False
