"""The node's settings: one strict TOML file, every problem listed at once.

Reading it touches no network and no sensor. Secrets are named by file.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from heatward_node.enrolment import Enrolment
from heatward_node.errors import ConfigurationError, WireError
from heatward_node.mqtt import Broker
from heatward_node.publisher import Identity
from heatward_node.remote_settings import INTERVAL_RANGE_S
from heatward_node.sensor import BUS

PORTS = (1, 65_535)
_KNOWN = {
    "node": {"id", "district", "interval_seconds", "journal"},
    "mqtt": {
        "host",
        "port",
        "username",
        "password_file",
        "ca_file",
        "certificate_file",
        "key_file",
        "keepalive_seconds",
        "protocol",
    },
    "bus": {"path"},
    "enrolment": {"url", "code_file", "directory"},
}


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of one node."""

    identity: Identity
    interval_s: int
    journal: Path
    broker: Broker
    bus: Path
    enrolment: Enrolment | None = None


def load(path: Path) -> Config:
    """Read a file. Raises ConfigurationError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(str(path), [f"读不出 / cannot be read: {error}"]) from error
    return parse(text, str(path), path.resolve().parent)


def parse(text: str, source: str = "node.toml", folder: Path = Path()) -> Config:
    """Read settings from TOML text; relative paths count from ``folder``.

    Raises ConfigurationError naming every problem.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(source, [f"不是 TOML / is not TOML: {error}"]) from error
    reader = _Reader(document, folder)
    config = reader.config()
    if reader.problems or config is None:
        raise ConfigurationError(source, sorted(reader.problems))
    return config


class _Reader:
    def __init__(self, document: dict[str, Any], folder: Path) -> None:
        self.problems: list[str] = []
        self._document = document
        self._folder = folder
        for section, values in document.items():
            if section not in _KNOWN or not isinstance(values, dict):
                self.problems.append(
                    f"[{section}] 不认识 / is not known; 可用 / allowed: {', '.join(_KNOWN)}"
                )
                continue
            for key in sorted(values.keys() - _KNOWN[section]):
                allowed = ", ".join(sorted(_KNOWN[section]))
                self.problems.append(
                    f"{section}.{key} 不认识 / is not known; 可用 / allowed: {allowed}"
                )

    def config(self) -> Config | None:
        identity = self._identity()
        interval_s = self._whole("node", "interval_seconds", 300, *INTERVAL_RANGE_S)
        journal = self._path("node", "journal", "journal.sqlite")
        broker, bus = self._broker(), self._path("bus", "path", str(BUS))
        enrolment = self._enrolment()
        if enrolment is not None:
            broker = self._with_certificate_of(enrolment, broker)
        if identity is None:
            return None
        return Config(identity, interval_s, journal, broker, bus, enrolment)

    def _enrolment(self) -> Enrolment | None:
        url = self._text("enrolment", "url", "").rstrip("/")
        if not url:
            return None
        if not url.startswith("https://"):
            self.problems.append(
                f"enrolment.url = {url!r}; 应以 https:// 开头 / must begin with https://"
            )
        code_file = self._path("enrolment", "code_file", "code.txt")
        return Enrolment(url, code_file, self._path("enrolment", "directory", "identity"))

    def _with_certificate_of(self, enrolment: Enrolment, broker: Broker) -> Broker:
        """Let the broker know us by the certificate that enrolment brings, now or later."""
        if broker.ca_file is None:
            self.problems.append(
                "mqtt.ca_file 没有设置 / is not set; 领证书时必须有 / enrolment needs it"
            )
        if broker.certificate_file is not None:
            self.problems.append(
                "mqtt.certificate_file 与 enrolment.url 只能有一个 / "
                "either this or enrolment.url, not both"
            )
        return replace(broker, certificate_file=enrolment.certificate, key_file=enrolment.key)

    def _identity(self) -> Identity | None:
        node, district = self._text("node", "id", ""), self._text("node", "district", "")
        try:
            identity = Identity(district, node)
            identity.topic("ack")
        except WireError:
            self.problems.append(
                f"node.id, node.district 应为小写字母、数字、连字符（最多 32 个），与登记表一致 / "
                f"need small letters, digits and hyphens (at most 32), as in the registry; "
                f"现为 / they are: {node!r}, {district!r}"
            )
            return None
        return identity

    def _broker(self) -> Broker:
        protocol = self._text("mqtt", "protocol", "auto")
        if protocol not in ("auto", "5", "3.1.1"):
            self.problems.append(
                f'mqtt.protocol = {protocol!r}; 可用 / allowed: "auto", "5", "3.1.1"'
            )
        self._together("username", "password_file")
        self._together("certificate_file", "key_file")
        secret = self._optional_path("mqtt", "password_file")
        return Broker(
            host=self._text("mqtt", "host", "127.0.0.1"),
            port=self._whole("mqtt", "port", 1883, *PORTS),
            username=self._text("mqtt", "username", "") or None,
            password=self._secret(secret),
            ca_file=self._existing_file("ca_file"),
            certificate_file=self._existing_file("certificate_file"),
            key_file=self._existing_file("key_file"),
            keepalive_s=self._whole("mqtt", "keepalive_seconds", 60, 10, 3600),
            protocol=protocol,
        )

    def _value(self, section: str, key: str, default: object) -> Any:
        values = self._document.get(section, {})
        return values.get(key, default) if isinstance(values, dict) else default

    def _text(self, section: str, key: str, default: str) -> str:
        value = self._value(section, key, default)
        if not isinstance(value, str):
            self.problems.append(f"{section}.{key} 应为引号中的文本 / must be a text in quotes")
            return default
        return value

    def _whole(self, section: str, key: str, default: int, low: int, high: int) -> int:
        value = self._value(section, key, default)
        if type(value) is not int or not low <= value <= high:
            self.problems.append(
                f"{section}.{key} 应为 {low} 至 {high} 的整数 / "
                f"must be a whole number from {low} to {high}"
            )
            return default
        return value

    def _together(self, *keys: str) -> None:
        """Note where only some of several keys are set."""
        missing = [key for key in keys if not self._value("mqtt", key, "")]
        if 0 < len(missing) < len(keys):
            both = ", ".join(f"mqtt.{key}" for key in keys)
            self.problems.append(
                f"mqtt.{missing[0]} 没有设置 / is not set; 须同时设置 / these go together: {both}"
            )

    def _path(self, section: str, key: str, default: str) -> Path:
        return self._folder / self._text(section, key, default)

    def _optional_path(self, section: str, key: str) -> Path | None:
        text = self._text(section, key, "")
        return self._folder / text if text else None

    def _existing_file(self, key: str) -> Path | None:
        path = self._optional_path("mqtt", key)
        if path is not None and not path.is_file():
            self.problems.append(f"mqtt.{key} {path} 不是文件 / is not a file")
        return path

    def _secret(self, path: Path | None) -> str | None:
        if path is None:
            return None
        try:
            return path.read_text(encoding="utf-8").strip()
        except OSError as error:
            self.problems.append(
                f"mqtt.password_file {path} 读不出 / cannot be read: {error.strerror}"
            )
            return None
