"""``wifi.txt`` on the card's first partition: the home's network, as people write it down.

Two lines, with words before them or without. Any common editor may have written it: UTF-8 with or
without a mark, UTF-16, GBK, line ends of Windows. Once read, the file is overwritten and removed;
what cannot be understood is told in ``wifi-error.txt`` beside it.
"""

from __future__ import annotations

import configparser
import io
import os
import uuid
from dataclasses import dataclass
from pathlib import Path

from heatward_node.errors import WifiNotUnderstood
from heatward_node.whole_file import put_private, sync_folder

ERROR_FILE = "wifi-error.txt"
CONNECTION = "heatward-home.nmconnection"
MAX_BYTES = 4_096
PROBLEMS = {
    "empty": ("wifi.txt 里没有网络名。", "wifi.txt names no network."),
    "name": ("网络名太长（最多 32 字节）。", "The network's name is too long (32 bytes)."),
    "letters": ("名称或密码里有看不见的字符。", "Name or password hold invisible characters."),
    "password": (
        "密码应为 8 到 63 个英文字符。",
        "The password must have 8 to 63 characters of the English keyboard.",
    ),
    "twice": ("同一项写了两次。", "One thing is written twice."),
    "lines": ("只要两行：名称和密码。", "Two lines are enough: name and password."),
    "files": ("有不止一个 wifi 文件，请只留一个。", "There are several wifi files: keep one."),
    "encoding": ("看不懂文件的编码。", "The encoding of the file is unknown."),
    "long": ("文件太大。", "The file is too large."),
}
"""What is wrong, in words for whoever wrote the file."""
_EXAMPLE = "例如 / for example:\r\n名称=我家的网络\r\n密码=12345678\r\n"
_NAMES = ("ssid", "name", "wifi", "名称", "网络", "网络名", "网络名称", "无线", "名字")
_PASSWORDS = ("password", "psk", "pass", "key", "密码", "口令")
_SEPARATORS = "=:：＝"
_QUOTES = {'"': '"', "'": "'", "“": "”", "「": "」"}
_NAMESPACE = uuid.UUID("5a1c7b6e-6d2e-4f51-9a3f-2b1f6d0c9e11")


@dataclass(frozen=True, slots=True)
class Wifi:
    """A network: its name, and its password, empty for an open one."""

    name: str
    password: str


def parse_wifi(data: bytes) -> Wifi:
    """Return the network that a file names. Raises WifiNotUnderstood with the reason."""
    if len(data) > MAX_BYTES:
        raise WifiNotUnderstood("long")
    named: dict[str, str] = {}
    bare: list[str] = []
    for line in _text(data).splitlines():
        stripped = line.strip().strip("\ufeff\u3000")
        if not stripped or stripped.startswith("#"):
            continue
        word, value = _split(stripped)
        if word:
            if word in named:
                raise WifiNotUnderstood("twice")
            named[word] = value
        else:
            bare.append(_unquoted(stripped))
    for word in ("name", "password"):
        if word not in named and bare:
            named[word] = bare.pop(0)
    if bare:
        raise WifiNotUnderstood("lines")
    return _checked(named.get("name", ""), named.get("password", ""))


def keyfile(wifi: Wifi) -> str:
    """Return the network as NetworkManager's keyfile takes it.

    Names are written as byte lists: any character may stand in them.
    """
    file = configparser.RawConfigParser()
    file.optionxform = str  # type: ignore[assignment,method-assign]
    name = "".join(f"{byte};" for byte in wifi.name.encode())
    file["connection"] = {
        "id": "heatward-home",
        "uuid": str(uuid.uuid5(_NAMESPACE, wifi.name)),
        "type": "wifi",
        "autoconnect-priority": "10",
    }
    file["wifi"] = {"mode": "infrastructure", "ssid": name}
    if wifi.password:
        file["wifi-security"] = {"key-mgmt": "wpa-psk", "psk": _escaped(wifi.password)}
    file["ipv4"] = {"method": "auto"}
    file["ipv6"] = {"method": "auto"}
    text = io.StringIO()
    file.write(text, space_around_delimiters=False)
    return text.getvalue()


def take_wifi(boot: Path, networks: Path) -> str:
    """Take over what lies on the card; return ``none``, ``taken``, or why it was not understood.

    The connection is on the disk before the file goes; a power cut in between only repeats it.
    """
    found = [path for path in sorted(boot.iterdir()) if _is_wifi_file(path)]
    error_file = boot / ERROR_FILE
    if not found:
        error_file.unlink(missing_ok=True)
        return "none"
    try:
        if len(found) > 1:
            raise WifiNotUnderstood("files")
        wifi = parse_wifi(found[0].read_bytes())
    except WifiNotUnderstood as error:
        error_file.write_bytes(explanation(error.reason).encode("utf-8-sig"))
        sync_folder(boot)
        return error.reason
    networks.mkdir(parents=True, exist_ok=True, mode=0o700)
    put_private(networks / CONNECTION, keyfile(wifi).encode())
    error_file.unlink(missing_ok=True)
    _erase(found[0])
    sync_folder(boot)
    return "taken"


def explanation(reason: str) -> str:
    """Return what is wrong and what to write, in both languages, with line ends for any editor."""
    zh, en = PROBLEMS[reason]
    return f"{zh}\r\n{en}\r\n\r\n{_EXAMPLE}"


def _text(data: bytes) -> str:
    for encoding in (
        "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig",
        "gb18030",
    ):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise WifiNotUnderstood("encoding")


def _split(line: str) -> tuple[str, str]:
    """Return ``name`` or ``password`` and the value behind it, or an empty word for a bare line."""
    positions = [line.find(separator) for separator in _SEPARATORS if separator in line]
    if not positions:
        return "", ""
    head, tail = line[: min(positions)], line[min(positions) + 1 :]
    word = "".join(head.split()).lower().replace("wi-fi", "wifi")
    for kind, words in (("name", _NAMES), ("password", _PASSWORDS)):
        if word in words or word in {f"wifi{one}" for one in words}:
            return kind, _unquoted(tail.strip().strip("\u3000"))
    return "", ""


def _unquoted(value: str) -> str:
    if len(value) >= 2 and _QUOTES.get(value[0]) == value[-1]:
        return value[1:-1]
    return value


def _checked(name: str, password: str) -> Wifi:
    if not name:
        raise WifiNotUnderstood("empty")
    if len(name.encode()) > 32:
        raise WifiNotUnderstood("name")
    if any(ord(letter) < 32 for letter in name + password):
        raise WifiNotUnderstood("letters")
    if password and not (8 <= len(password) <= 63 and password.isascii()):
        raise WifiNotUnderstood("password")
    return Wifi(name, password)


def _escaped(value: str) -> str:
    escaped = value.replace("\\", "\\\\")
    return f"\\s{escaped[1:]}" if escaped.startswith(" ") else escaped


def _is_wifi_file(path: Path) -> bool:
    name = path.name.lower()
    return name.startswith("wifi") and name.endswith(".txt") and name != ERROR_FILE


def _erase(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(bytes(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
