"""Cards: what lies on them, what does not, and that the check finds what went wrong in copying."""

import re
import subprocess
import sys
import zipfile
from dataclasses import replace

import pytest
from click.testing import CliRunner

from heatward_collector.cli import heatward
from heatward_collector.errors import EnrolmentError
from heatward_collector.node_kit import inspect_bundle, write_bundle
from heatward_collector.node_kit.bundle import BOOKWORM_START
from heatward_collector.node_kit.inspection import OVERLAY
from heatward_collector.node_kit.wheels import write_wheels
from heatward_node.config import load
from support.cards import CARD, CMDLINE, IMAGE_CONFIG, KIT, authority_pem
from support.enrolled import configured, found
from support.evidence import SAMPLE


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return authority_pem(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def card(tmp_path, authority):
    folder = tmp_path / "boot"
    write_bundle(folder, CARD, KIT, authority, 1_793_000_000)
    return folder


def test_a_card_that_was_just_written_has_no_problem(card):
    assert inspect_bundle(card) == []
    config = load(card / "heatward" / "node.toml")
    assert (config.identity.node, config.broker.port) == ("n0001", 8883)
    assert config.enrolment is not None
    assert config.enrolment.url == "https://heat.example:8884"


def test_our_lines_follow_the_images_own_and_are_there_once(tmp_path, authority):
    (tmp_path / "config.txt").write_text(IMAGE_CONFIG)
    for _ in range(2):
        write_bundle(tmp_path, CARD, KIT, authority, 1_793_000_000)
    text = (tmp_path / "config.txt").read_text()
    assert text.startswith(IMAGE_CONFIG)
    assert text.count(OVERLAY) == 1
    assert text.index("[all]") < text.index(OVERLAY)


def test_a_bookworm_card_starts_by_the_kernel_command_line_and_once(tmp_path, authority):
    kit = replace(KIT, system="bookworm")
    with pytest.raises(EnrolmentError, match=r"cmdline\.txt"):
        write_bundle(tmp_path / "empty", CARD, kit, authority, 1)
    (tmp_path / "cmdline.txt").write_text(CMDLINE)
    for _ in range(2):
        write_bundle(tmp_path, CARD, kit, authority, 1)
    line = (tmp_path / "cmdline.txt").read_text()
    assert line == f"{CMDLINE.strip()} {BOOKWORM_START}\n"
    assert not (tmp_path / "user-data").exists()
    assert inspect_bundle(tmp_path) == []


@pytest.mark.parametrize(
    ("harm", "found_in"),
    [
        (lambda card: (card / "heatward/setup.sh").unlink(), "heatward/setup.sh"),
        (lambda card: (card / "heatward/node.toml").write_bytes(b"\0" * 100), "node.toml"),
        (lambda card: (card / "heatward/code.txt").unlink(), "code.txt"),
        (lambda card: (card / "config.txt").write_text(IMAGE_CONFIG), OVERLAY),
        (lambda card: add(card / "config.txt", "dtoverlay=w1-gpio,gpiopin=17\n"), "twice"),
        (lambda card: (card / "meta-data").unlink(), "meta-data"),
        (lambda card: add(card / "user-data", "timezon: x\n"), "timezon"),
        (lambda card: (card / "user-data").unlink(), "firstrun.sh"),
        (lambda card: add(card / "heatward/ca.key", "-----BEGIN PRIVATE KEY-----\n"), "ca.key"),
        (lambda card: (card / "heatward/SHA256SUMS").unlink(), "copy the whole folder"),
    ],
)
def test_what_went_wrong_in_copying_is_found_and_named(card, harm, found_in):
    harm(card)
    problems = inspect_bundle(card)
    assert len(problems) == 1
    assert found_in in problems[0]
    assert re.search("[\u4e00-\u9fff]", problems[0])


def add(path, text):
    with path.open("a") as file:
        file.write(text)


def test_settings_cannot_smuggle_a_line_into_a_script(tmp_path, authority):
    for bad in ("a\nb", "a'b", "$(reboot)", "a;b", "`x`"):
        with pytest.raises(EnrolmentError):
            write_bundle(tmp_path, CARD, replace(KIT, time_servers=bad), authority, 1)
    with pytest.raises(EnrolmentError, match="public key"):
        write_bundle(tmp_path, CARD, replace(KIT, ssh_key="PRIVATE KEY"), authority, 1)


def test_the_wheels_run_without_anything_else(tmp_path):
    wheels = write_wheels(tmp_path / "wheels")
    names = {wheel.name.partition("-")[0] for wheel in wheels}
    assert names == {"heatward_node", "paho_mqtt", "w1thermsensor", "click"}
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            assert archive.testzip() is None
            archive.extractall(tmp_path / "program")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]);"
        "import heatward_node.cli, paho.mqtt.client;"
        "assert heatward_node.__file__.startswith(sys.argv[1]);"
        "sys.exit(heatward_node.cli.main(['--version']))"
    )
    # -S: no site-packages, so that nothing but the card's own files is there
    done = subprocess.run(
        [sys.executable, "-S", "-c", code, str(tmp_path / "program")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_same_program_makes_the_same_wheels(tmp_path):
    first = [path.read_bytes() for path in write_wheels(tmp_path / "a")]
    assert first == [path.read_bytes() for path in write_wheels(tmp_path / "b")]


@pytest.fixture(scope="module")
def office_folder(tmp_path_factory):
    """A configuration file with a founded authority and the sample registry."""
    folder = tmp_path_factory.mktemp("office")
    config = configured(folder, "heat.example")
    found(config, 1_793_000_000)
    (folder / "c.toml").write_text(
        f'[state]\ndirectory = "{folder}/state"\n'
        f'[enrolment]\nname = "heat.example"\ndirectory = "{folder}/authority"\n'
    )
    return folder


def run(folder, *arguments):
    return CliRunner().invoke(
        heatward, ["node-kit", *arguments, "-c", str(folder / "c.toml")], catch_exceptions=False
    )


def test_a_card_tells_no_name_and_no_address_and_no_secret_of_others(office_folder, tmp_path):
    card = tmp_path / "card"
    assert run(office_folder, "make", "--node", "n0001", "--output", str(card)).exit_code == 0
    assert (
        run(office_folder, "make", "--node", "n0002", "--output", str(tmp_path / "2")).exit_code
        == 0
    )
    assert (tmp_path / "card-label.pdf").read_bytes().startswith(b"%PDF")
    everything = b"".join(path.read_bytes() for path in card.rglob("*") if path.is_file())
    told = re.compile("[\u4e00-\u9fff]{2,}|[0-9]{4}-[0-9]{8}")
    private = set()
    for table in ("person", "street", "estate", "building", "home", "supplier"):
        for line in (SAMPLE / f"{table}.csv").read_text("utf-8-sig").splitlines()[1:]:
            private.update(cell for cell in line.split(",") if told.search(cell))
    assert len(private) > 10
    assert [cell for cell in private if cell.encode() in everything] == []
    for secret in ("authority/ca.key", "authority/server.pem", "authority/collector.pem"):
        key = (office_folder / secret).read_text().partition("PRIVATE KEY-----\n")[2][:40]
        assert key
        assert key.encode() not in everything
    for shared in ("code.txt", "settings.env"):
        other = (tmp_path / "2" / "heatward" / shared).read_text()
        assert other != (card / "heatward" / shared).read_text()


def test_a_batch_is_every_node_without_a_certificate_with_its_own_code_and_label(
    office_folder, tmp_path
):
    nodes = sorted(
        line.partition(",")[0]
        for line in (SAMPLE / "node.csv").read_text("utf-8-sig").splitlines()[1:]
    )
    for made in (nodes.pop(0), nodes.pop(0)):  # their cards lie in a drawer
        run(office_folder, "make", "--node", made, "--output", str(tmp_path / made))
    done = run(office_folder, "make", "--all-new", "--output", str(tmp_path / "batch"))
    assert done.exit_code == 0, done.output
    assert "n0001, n0002" in done.output
    assert f"1/{len(nodes)} {nodes[0]}\n" in done.output  # how far it is
    assert f"{len(nodes)}/{len(nodes)} {nodes[-1]}\n" in done.output
    cards = sorted(path for path in (tmp_path / "batch").iterdir() if path.is_dir())
    assert [path.name for path in cards] == nodes
    assert len({(card / "heatward/code.txt").read_text() for card in cards}) == len(nodes) > 40
    assert inspect_bundle(cards[0]) == inspect_bundle(cards[-1]) == []
    assert (tmp_path / "batch/labels.pdf").read_bytes().startswith(b"%PDF")
    # Another batch leaves the codes of cards in drawers alone.
    with pytest.raises(EnrolmentError, match="no node to make"):
        run(office_folder, "make", "--all-new", "--output", str(tmp_path / "again"))
    again = run(office_folder, "make", "--node", nodes[0], "--output", str(tmp_path / "again"))
    assert again.exit_code == 0


def test_unregistered_nodes_are_refused_together(office_folder, tmp_path):
    with pytest.raises(EnrolmentError, match="n9998, n9999"):
        run(
            office_folder,
            "make",
            "--node",
            "n9999",
            "--node",
            "n9998",
            "--node",
            "n0001",
            "--output",
            str(tmp_path / "x"),
        )
    assert not (tmp_path / "x").exists()


def test_check_tells_each_folder_and_fails_where_one_is_wrong(card, tmp_path):
    result = CliRunner().invoke(heatward, ["node-kit", "check", str(card), str(tmp_path)])
    assert result.exit_code == 1
    assert f"✓ {card}" in result.output
    assert f"✗ {tmp_path}" in result.output
