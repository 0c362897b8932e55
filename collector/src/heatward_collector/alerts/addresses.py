"""The addresses of alerts: named, in a file of their own, for they hold keys.

``[name]`` with ``url`` for everything that apprise knows (WeCom, DingTalk and Feishu robots,
e-mail, ...), or an ``https://`` address with a template for an office's own gateway.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from heatward_collector.alerts.message import INBOX
from heatward_node.errors import ConfigurationError

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_KEYS = {"url", "server", "template", "content_type"}


@dataclass(frozen=True, slots=True)
class Address:
    """One channel as it is configured."""

    name: str
    url: str
    server: str = ""
    """Where a robot's service runs, for an authority that has one of its own."""
    template: str = ""
    content_type: str = "application/json"

    @property
    def scheme(self) -> str:
        """The part before ``://``."""
        return urlsplit(self.url).scheme.lower()

    @property
    def is_gateway(self) -> bool:
        """Whether it is a plain web address with a template."""
        return self.scheme in ("http", "https")


def read_addresses(path: Path | None) -> dict[str, Address]:
    """Return the channels of a file; none without one. Raises ConfigurationError, listing all."""
    if path is None:
        return {}
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(str(path), [f"读不出 / cannot be read: {error}"]) from error
    problems: list[str] = []
    found = {}
    for name, content in document.items():
        address = _address(name, content, problems)
        if address is not None:
            found[name] = address
    if problems:
        raise ConfigurationError(str(path), problems)
    return found


def _address(name: str, content: Any, problems: list[str]) -> Address | None:
    def note(words: str) -> None:
        problems.append(f"[{name}] {words}")

    if not _NAME.fullmatch(name) or name == INBOX:
        note("名称只含小写字母、数字、- 和 _ / a name has small letters, digits, - and _ only")
        return None
    if not isinstance(content, dict) or not isinstance(content.get("url"), str):
        note('须有网址 / needs an address: url = "..."')
        return None
    for key in sorted(content.keys() - _KEYS):
        note(f"{key} 不认识 / is not known; 可用 / allowed: {', '.join(sorted(_KEYS))}")
    if any(not isinstance(value, str) for value in content.values()):
        note("各项均为文本 / every value is a text")
        return None
    address = Address(name, **{key: content[key] for key in content.keys() & _KEYS})
    if address.is_gateway and not address.template:
        note("网关须有模板 / a gateway needs a template: $title $text $phone $id $link")
    elif address.server and urlsplit(address.server).scheme not in ("http", "https"):
        note('server 应为 / must be "https://..."')
    elif not address.is_gateway and address.template:
        note("模板只用于 http(s) 网关 / a template is for http(s) gateways only")
    return address
