"""What sets up a server: provisioning files, compose, secrets; they agree with the code."""

from __future__ import annotations

import configparser
import re
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from heatward_collector.config import parse
from heatward_collector.display.grafana import SOURCE_NAME, Reader, data_source
from heatward_collector.enrolment.one_port import one_port_configuration
from heatward_dashboards.build import folder_title
from heatward_dashboards.language import LANGUAGES, language
from heatward_dashboards.queries import SOURCE

ROOT = Path(__file__).parents[2]
SERVER = ROOT / "dashboards" / "server"
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
MADE_ON_THE_SPOT = ("./secrets", "./tls")


def provisioned(path: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((SERVER / "provisioning" / path).read_text("utf-8"))
    return found


def test_the_provisioned_data_source_is_the_one_that_dashboards_and_push_use() -> None:
    (source,) = provisioned("datasources/heatward.yaml")["datasources"]
    pushed = data_source(Reader("", "heatward_display", "reader", "x"))
    assert source["uid"] == SOURCE["uid"] == pushed["uid"]
    assert source["name"] == SOURCE_NAME
    for key in ("type", "access", "database", "jsonData"):
        assert source[key] == pushed[key], key
    assert source["secureJsonData"]["password"].startswith("$__file{")


def test_the_provisioned_folders_are_those_of_push() -> None:
    providers = provisioned("dashboards/heatward.yaml")["providers"]
    for code, provider in zip(LANGUAGES, providers, strict=True):
        words = language(code)
        assert provider["folderUid"] == words.uid("folder")
        assert provider["folder"] == folder_title(words)
        assert provider["options"]["path"].endswith(f"/json/{code}")
        assert provider["allowUiUpdates"] is False


def test_grafana_asks_nobody_outside_and_lets_nobody_in_unasked() -> None:
    settings = configparser.ConfigParser(interpolation=None)
    settings.read(SERVER / "grafana.ini", "utf-8")
    assert settings["auth.anonymous"]["enabled"] == "false"
    assert settings["auth.proxy"]["header_name"] == "X-WEBAUTH-USER"
    assert settings["users"]["auto_assign_org_role"] == "Viewer"
    for section, key in (
        ("analytics", "reporting_enabled"),
        ("analytics", "check_for_updates"),
        ("analytics", "check_for_plugin_updates"),
        ("news", "news_feed_enabled"),
        ("snapshots", "external_enabled"),
        ("users", "allow_sign_up"),
    ):
        assert settings[section][key] == "false", key
    assert settings["security"]["disable_gravatar"] == "true"
    assert settings["security"]["admin_password"].startswith("$__file{")


def test_every_image_can_come_from_a_mirror() -> None:
    for name, service in SERVICES.items():
        image = service.get("image")
        if image is not None:
            assert image.startswith("${HEATWARD_REGISTRY:-docker.io}/"), name
    dockerfile = (SERVER / "Dockerfile").read_text()
    assert re.search(r"^FROM \$\{REGISTRY\}/", dockerfile, re.M)


def test_only_browsers_and_nodes_are_let_in() -> None:
    ports = {port for service in SERVICES.values() for port in service.get("ports", ())}
    assert ports == {"443:443", "8883:8883"}


def test_the_port_of_nodes_is_parted_as_on_one_machine() -> None:
    enrolment = parse((SERVER / "collector.toml").read_text("utf-8")).enrolment
    broker, door = f"mosquitto:{enrolment.mqtt_port}", f"collector:{enrolment.port}"
    wanted = one_port_configuration(
        enrolment.public_port, broker, door, nodes=2_000, pid="/run/nginx.pid"
    )
    assert (SERVER / "nginx" / "nodes.conf").read_text() == wanted


def test_what_is_mounted_and_named_is_there() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            if source.startswith("./"):
                assert source.startswith(MADE_ON_THE_SPOT) or (ROOT / source).exists(), source
            else:
                assert source in COMPOSE["volumes"]
        for secret in service.get("secrets", ()):
            assert secret in COMPOSE["secrets"]
        for other in service.get("depends_on", ()):
            assert other in SERVICES


@pytest.mark.parametrize("name", ["collector.toml", "demo.toml"])
def test_the_configurations_are_read_and_their_secrets_are_mounted(name: str) -> None:
    text = (SERVER / name).read_text("utf-8")
    config = parse(text)
    assert config.display.url == "http://influxdb:8086"
    service = SERVICES["collector" if name == "collector.toml" else "demo"]
    for secret in re.findall(r'"/run/secrets/(\w+)"', text):
        assert secret in service["secrets"]


def test_secrets_are_random_kept_and_for_their_owner(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    command = ["sh", str(SERVER / "secrets.sh"), str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    first = {path.name: path.read_text() for path in folder.iterdir()}
    named = {Path(secret["file"]).name for secret in COMPOSE["secrets"].values()}
    assert named <= first.keys()
    random = {text for name, text in first.items() if name != "mosquitto_users"}
    assert len(random) == len(first) - 1
    assert all(re.fullmatch("[0-9a-f]{48}", text) for text in random)
    assert first["mosquitto_users"] == f"heatward:{first['mqtt']}\n"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    subprocess.run(command, check=True, capture_output=True)
    assert {path.name: path.read_text() for path in folder.iterdir()} == first


def test_no_password_stands_in_a_file() -> None:
    for path in [ROOT / "compose.yaml", *(one for one in SERVER.rglob("*") if one.is_file())]:
        text = path.read_text("utf-8")
        for line in text.splitlines():
            found = re.search(r"(password|token)\w*\s*[:=]\s*[\"']?(\w{6,})", line, re.I)
            assert found is None or found[2] in ("password", "secrets"), f"{path.name}: {line}"
