"""The guides for a server: every command, file, option and setting that they name is there."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from heatward_collector.cli import heatward
from heatward_collector.config import load, parse
from heatward_collector.timeseries import InfluxStore
from support.influxdb import VERSIONS, running_influxdb

ROOT = Path(__file__).parents[2]
SERVER = ROOT / "dashboards" / "server"
GUIDES = (ROOT / "dashboards" / "README.md", SERVER / "README.md", SERVER / "OPERATIONS.md")
APT = GUIDES[1].read_text("utf-8")
UNITS = sorted((SERVER / "apt").glob("*.service"))
TREES = ("dashboards/", "firmware-config/", "collector/", "node/", "requirements.lock")


def blocks(guide: Path) -> list[str]:
    return re.findall(r"```sh\n(.*?)```", guide.read_text("utf-8"), re.DOTALL)


def commands(guide: Path) -> Iterator[list[str]]:
    """Yield every command of a guide as its words, comments left out."""
    for block in blocks(guide):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if words:
                yield words


def is_heatward(word: str, place: int) -> bool:
    """Whether a word of a command is our program, not the user of that name."""
    return word.endswith("/bin/heatward") or (word == "heatward" and place == 0)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.parent.name)
def test_a_shell_reads_every_block(guide: Path) -> None:
    assert blocks(guide)
    for block in blocks(guide):
        done = subprocess.run(["sh", "-n"], input=block, text=True, capture_output=True)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.parent.name)
def test_every_file_of_the_repository_that_is_named_is_there(guide: Path) -> None:
    named = {word for words in commands(guide) for word in words if word.startswith(TREES)}
    linked = re.findall(r"\]\((?!http)([^)#]+)", guide.read_text("utf-8"))
    assert named | set(linked)
    for name in named:
        assert (ROOT / name).exists(), name
    for name in linked:
        assert (guide.parent / name).exists(), name


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.parent.name)
def test_every_command_of_heatward_has_its_subcommands_and_options(guide: Path) -> None:
    found = 0
    for words in commands(guide):
        programs = [place for place, word in enumerate(words) if is_heatward(word, place)]
        if not programs:
            continue
        command: click.Command = heatward
        for word in words[programs[0] + 1 :]:
            if isinstance(command, click.Group):
                child = command.get_command(click.Context(command), word)
                assert child is not None, words
                command = child
            elif word.startswith("-"):
                options = {one for parameter in command.params for one in parameter.opts}
                assert word in options, (word, words)
        found += not isinstance(command, click.Group)
    assert found >= 2


def test_the_configuration_of_the_guide_is_read_and_listens_on_this_machine_only(
    tmp_path: Path,
) -> None:
    path = tmp_path / "collector.toml"
    shutil.copy(SERVER / "apt" / "collector.toml", path)
    config = load(path)  # before there are certificates, for `heatward enrolment init`
    assert config.web.on_loopback
    assert config.enrolment.host == "127.0.0.1"
    assert config.enrolment.public_port == 8883
    # Mosquitto follows include_dir in its main file only.
    folder = re.escape(str(config.enrolment.broker / "conf.d"))
    assert re.search(rf"include_dir {folder}\\n' >> /etc/mosquitto/mosquitto\.conf\n", APT)
    mqtt = parse((SERVER / "apt" / "mqtt.toml").read_text("utf-8")).mqtt
    assert mqtt.url == f"mqtts://{config.enrolment.name}:{config.enrolment.nodes_mqtt_port}"
    assert mqtt.ca_file == config.enrolment.directory / "ca.pem"
    assert mqtt.certificate_file == mqtt.key_file == config.enrolment.directory / "collector.pem"
    assert (config.display.grafana_url or "").startswith(config.web.address)
    for unit in (ROOT / "firmware-config" / "broker").iterdir():
        text = unit.read_text()
        if "/var/lib" in text:
            assert str(config.enrolment.broker) in text, unit.name
    (port,) = re.findall(
        r"127\.0\.0\.1:(\d+);\n  access_log", (SERVER / "nginx" / "influxdb-1.6.conf").read_text()
    )
    assert config.timeseries.url == config.display.url == f"http://127.0.0.1:{port}"


def test_its_secrets_are_made_by_the_script_and_readable_by_who_needs_them(tmp_path: Path) -> None:
    done = subprocess.run(
        ["sh", str(SERVER / "secrets.sh"), str(tmp_path / "made")], check=True, capture_output=True
    )
    assert done.returncode == 0
    made = {path.name for path in (tmp_path / "made").iterdir()}
    named = set(re.findall(r"/etc/heatward/secrets/(\w+)", APT))
    files = [
        SERVER / "apt" / "collector.toml",
        SERVER / "grafana.ini",
        *(SERVER / "provisioning").rglob("*.yaml"),
    ]
    read = {
        name
        for path in files
        for name in re.findall(r"/etc/heatward/secrets/(\w+)", path.read_text("utf-8"))
    }
    assert named | read <= made
    assert read == {"influxdb", "reader", "grafana_admin"}
    for name in read:
        assert re.search(rf"chgrp \w+ .*secrets/{name}\b", APT), name
        assert re.search(rf"chmod 0640 .*secrets/{name}\b", APT), name


def test_the_local_trial_keeps_its_promise_about_the_port_of_nodes() -> None:
    text = (SERVER / "apt" / "collector.toml").read_text("utf-8")
    text += (SERVER / "apt" / "mqtt.toml").read_text("utf-8")
    trial = parse(text.replace("[enrolment]", '[enrolment]\npublic_port = 0\nhost = "0.0.0.0"'))
    assert trial.enrolment.nodes_mqtt_port == 8885


def test_debians_influxdb_asks_for_a_password_and_listens_inside_only(tmp_path: Path) -> None:
    """The line of the guide, run on the file that the package brings."""
    configuration = tmp_path / "influxdb.conf"
    shutil.copy("/etc/influxdb/influxdb.conf", configuration)
    (words,) = [one for one in commands(GUIDES[1]) if one[-1] == "/etc/influxdb/influxdb.conf"]
    subprocess.run([*words[:-1], str(configuration)], check=True)
    lines = [line.strip() for line in configuration.read_text().splitlines()]
    for wanted in (
        "auth-enabled = true",
        'bind-address = "127.0.0.1:8086"',
        "reporting-enabled = false",
    ):
        assert lines.count(wanted) == 1, wanted
    http = lines[lines.index("[http]") :]
    assert "auth-enabled = true" in http[: http.index("[logging]")]


@pytest.mark.influxdb
@pytest.mark.parametrize("version", VERSIONS)
def test_the_users_of_the_guide_may_do_what_they_must_and_no_more(version: str) -> None:
    statements = [words[2] for words in commands(GUIDES[1]) if words[:2] == ["influx", "-execute"]]
    assert len(statements) == 8
    statements = [re.sub(r"\$\(cat [\w/]*/(\w+)\)", r"pw-\1", one) for one in statements]
    with running_influxdb(version, authentication=True) as server:
        for number, statement in enumerate(statements):
            user = "admin" if number else None
            store = InfluxStore(server.url, "heatward", username=user, password="pw-influxdb_admin")
            store.select(statement)
            store.close()
        writer = InfluxStore(
            server.url, "heatward_display", username="heatward", password="pw-influxdb"
        )
        writer.write_lines(["building_state,building=b1 state=0 1700000000"])
        reader = InfluxStore(
            server.url, "heatward_display", username="reader", password="pw-reader"
        )
        assert reader.select('SELECT "state" FROM "building_state"')
        with pytest.raises(Exception, match=r"40[13]|not authorized"):
            reader.write_lines(["building_state,building=b1 state=1 1700000001"])
        with pytest.raises(Exception, match=r"40[13]|not authorized"):
            reader.select('SELECT * FROM "heatward".."room_temperature"')
        for store in (writer, reader):
            store.close()


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_systemd_finds_nothing_to_say_about_the_unit(unit: Path, tmp_path: Path) -> None:
    program = shutil.which("true") or "/bin/true"
    text = unit.read_text().replace("/opt/heatward/bin/heatward", program)
    text = "\n".join(line for line in text.splitlines() if not line.startswith(("User=", "Group=")))
    (tmp_path / unit.name).write_text(text)
    command = ["systemd-analyze", "verify", "--man=no", str(tmp_path / unit.name)]
    done = subprocess.run(command, capture_output=True, text=True)
    lines = [line for line in done.stderr.splitlines() if "heatward" in line]
    assert (done.returncode, lines) == (0, [])


def test_only_two_ports_are_open_to_the_world() -> None:
    """What listens beside the collector: each file of the guide, by its own directive."""
    nginx = "\n".join(
        (SERVER / "nginx" / name).read_text() for name in ("heatward.conf", "influxdb-1.6.conf")
    )
    assert re.findall(r"listen ([^;]+);", nginx) == ["443 ssl", "127.0.0.1:8087"]
    assert "http_addr = 127.0.0.1" in (SERVER / "grafana.ini").read_text("utf-8")
    assert "rm -f /etc/nginx/sites-enabled/default" in APT
