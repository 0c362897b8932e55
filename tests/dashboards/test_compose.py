"""compose.yaml keeps to those parts of the Compose specification that it uses."""

from __future__ import annotations

import copy
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator, ValidationError

from support.ports import HOST
from support.servers import find_program

ROOT = Path(__file__).parents[2]
NGINX = ROOT / "dashboards" / "server" / "nginx"
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))

WORDS = {"type": "array", "items": {"type": "string"}, "minItems": 1}
TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
NAMES = {"type": "array", "items": {"type": "string", "pattern": "^[a-z][a-z0-9_-]*$"}}
BUILD = {
    "type": "object",
    "properties": {"context": {"type": "string"}, "dockerfile": {"type": "string"}, "args": TEXTS},
    "required": ["context"],
    "additionalProperties": False,
}
MOUNT = r"^(\./[\w./-]+|[a-z][a-z0-9-]*):/[\w./-]+(:ro)?$"
SERVICE = {
    "type": "object",
    "properties": {
        "image": {"type": "string", "pattern": r"^\$\{\w+:-[\w.]+\}/[\w./-]+:[\w.-]+$"},
        "build": BUILD,
        "command": WORDS,
        "cpu_shares": {"type": "integer", "minimum": 2, "maximum": 1024},
        "entrypoint": WORDS,
        "depends_on": NAMES,
        "environment": TEXTS,
        "ports": {"type": "array", "items": {"type": "string", "pattern": r"^\d+:\d+$"}},
        "profiles": NAMES,
        "restart": {"enum": ["no", "always", "on-failure", "unless-stopped"]},
        "secrets": NAMES,
        "volumes": {"type": "array", "items": {"type": "string", "pattern": MOUNT}},
        "logging": {
            "type": "object",
            "properties": {"driver": {"type": "string"}, "options": TEXTS},
            "additionalProperties": False,
        },
    },
    "oneOf": [{"required": ["image"]}, {"required": ["build"]}],
    "additionalProperties": False,
}
SECRET = {
    "type": "object",
    "properties": {"file": {"type": "string", "pattern": r"^\./"}},
    "required": ["file"],
    "additionalProperties": False,
}
SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]*$"},
        "services": {"type": "object", "additionalProperties": SERVICE},
        "volumes": {"type": "object", "additionalProperties": {"type": "null"}},
        "secrets": {"type": "object", "additionalProperties": SECRET},
    },
    "patternProperties": {"^x-": {}},
    "required": ["name", "services"],
    "additionalProperties": False,
}
"""What https://github.com/compose-spec/compose-spec says of the keys that we use; no others."""


def test_the_file_has_the_shape_of_the_specification() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(COMPOSE)


@pytest.mark.parametrize(
    ("service", "key", "value"),
    [
        ("grafana", "volume", []),
        ("nginx", "ports", [443]),
        ("influxdb", "image", "influxdb:2.7"),
        ("collector", "depends_on", "influxdb"),
        ("demo", "profiles", ["Demo"]),
        ("grafana", "environment", {"HEATWARD_READER": None}),
        ("nginx", "volumes", ["tls:tls"]),
        ("mosquitto", "restart", "sometimes"),
    ],
)
def test_a_slip_would_be_noticed(service: str, key: str, value: object) -> None:
    altered = copy.deepcopy(COMPOSE)
    altered["services"][service][key] = value
    with pytest.raises(ValidationError):
        Draft202012Validator(SCHEMA).validate(altered)


def test_every_variable_has_a_default() -> None:
    text = (ROOT / "compose.yaml").read_text("utf-8")
    assert set(re.findall(r"\$\{?(\w+)", text)) == {"HEATWARD_REGISTRY", "HEATWARD_PACKAGE_INDEX"}
    assert all(found == ":-" for found in re.findall(r"\$\{\w+(..)", text.split("services:")[1]))


def test_services_that_stand_in_a_configuration_are_services() -> None:
    """What nginx and the collector call by name is what compose calls so."""
    named = set()
    for path in (NGINX / "compose-upstreams.conf", NGINX / "nodes.conf"):
        named |= set(re.findall(r"server ([a-z]+):\d+;", path.read_text()))
    settings = ROOT / "dashboards" / "server"
    for name in ("collector.toml", "demo.toml"):
        named |= set(re.findall(r"://([a-z]+):\d+", (settings / name).read_text("utf-8")))
    assert named == {"collector", "grafana", "influxdb", "mosquitto"}
    assert named <= COMPOSE["services"].keys()


def test_nginx_reads_what_compose_mounts(tmp_path: Path) -> None:
    certificate = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    files = ["-keyout", str(tmp_path / "privkey.pem"), "-out", str(tmp_path / "fullchain.pem")]
    command = [*certificate, "-subj", "/CN=heat.example", *files]
    subprocess.run(command, check=True, capture_output=True)
    mounted = "\n".join(
        (NGINX / name).read_text("utf-8") for name in ("compose-upstreams.conf", "heatward.conf")
    )
    mounted = re.sub(r"server (collector|grafana):", f"server {HOST}:", mounted)
    mounted = mounted.replace("/etc/heatward/tls", str(tmp_path))
    whole = tmp_path / "nginx.conf"
    temporary = "".join(
        f"{name}_temp_path {tmp_path}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole.write_text(
        f"pid {tmp_path}/nginx.pid;\nevents {{}}\nhttp {{ access_log off;\n{temporary}{mounted}\n}}"
    )
    command = [find_program("nginx"), "-t", "-e", "stderr", "-p", str(tmp_path), "-c", str(whole)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
