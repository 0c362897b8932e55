"""What ``heatward node-kit make`` writes: everything a fresh card needs, and no shared secret.

The card carries the node's id, the authority's certificate, a one-time code, the program and its
settings. It carries no key, no name and no address, so a lost card costs one node.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

from heatward_node import __version__ as node_version

from ..enrolment.book import ALPHABET
from ..errors import EnrolmentError
from .wheels import write_wheels

TEMPLATES = Path(__file__).with_name("card")
"""``firmware-config/card`` of the repository."""
BLOCK_BEGIN, BLOCK_END = "# Heatward: 1-Wire", "# Heatward: end"
BOOKWORM_START = (
    "systemd.run=/boot/firmware/firstrun.sh systemd.run_success_action=reboot "
    "systemd.unit=kernel-command-line.target"
)
SYSTEMS = ("trixie", "bookworm")
HOTSPOT_LETTERS = 10
"""49 bits for a network that exists only while somebody sets a box up."""
SUMS = "heatward/SHA256SUMS"
UNSUMMED = {SUMS, "heatward/code.txt"}
"""The code is erased after its use."""
_WORD = re.compile(r"[A-Za-z0-9_./:@ +-]*")


@dataclass(frozen=True, slots=True)
class KitSettings:
    """What all cards of an office have in common."""

    name: str
    port: int
    mqtt_port: int
    timezone: str
    country: str
    time_servers: str
    package_mirror: str
    update_key: str
    """The public key (PEM) under which nodes take updates."""
    ssh_key: str = ""
    system: str = "trixie"


@dataclass(frozen=True, slots=True)
class Card:
    """What one card is: its node, its code, and the hotspot that it looks for."""

    node: str
    district: str
    interval_s: int
    code: str
    hotspot_password: str

    @property
    def hotspot(self) -> str:
        """The name that a phone's hotspot must have to let this node into the network."""
        return f"HW-{self.node}"


def hotspot_password() -> str:
    """Return a fresh password of letters and digits that cannot be mistaken for each other."""
    return "".join(secrets.choice(ALPHABET) for _ in range(HOTSPOT_LETTERS))


def write_bundle(
    folder: Path,
    card: Card,
    kit: KitSettings,
    authority_pem: str,
    made_s: int,
    wheels: Path | None = None,
) -> None:
    """Write one card's files into ``folder``: an empty one, or the card's first partition.

    What the image has there stays; its ``config.txt`` gets our lines at the end. ``wheels``
    are those that were made for another card of the same batch. Raises EnrolmentError where the
    folder cannot become a card.
    """
    _check_words(kit)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "heatward"
    if target.exists():
        shutil.rmtree(target)
    shutil.copytree(TEMPLATES / "heatward", target)
    if wheels is None:
        write_wheels(target / "wheels")
    else:
        shutil.copytree(wheels, target / "wheels")
    (target / "ca.pem").write_text(authority_pem)
    (target / "update.pem").write_text(kit.update_key)
    (target / "node.toml").write_text(_node_toml(card, kit))
    (target / "settings.env").write_text(_environment(card, kit, made_s))
    (target / "README.txt").write_bytes(_read_me(card).encode("utf-8-sig"))
    (target / "code.txt").write_text(card.code + "\n")
    _write_system(folder, card, kit, made_s)
    _write_config(folder / "config.txt")
    sums = (f"{_digest(folder / name)}  {name}\n" for name in summed(folder))
    (folder / SUMS).write_text("".join(sums))


def summed(folder: Path) -> list[str]:
    """Return the names of the files that must be on a card exactly as they were written."""
    paths = (path for path in (folder / "heatward").rglob("*") if path.is_file())
    names = (path.relative_to(folder).as_posix() for path in paths)
    return sorted(name for name in names if name not in UNSUMMED)


def _write_system(folder: Path, card: Card, kit: KitSettings, made_s: int) -> None:
    values = {
        "NODE": card.node,
        "MADE": str(made_s),
        "TIMEZONE": kit.timezone,
        "COUNTRY": kit.country,
        "HOTSPOT": card.hotspot,
        "HOTSPOT_PASSWORD": card.hotspot_password,
    }
    if kit.system == "bookworm":
        line = folder / "cmdline.txt"
        if not line.exists():
            raise EnrolmentError(
                f"{folder} 里没有 cmdline.txt：Bookworm 请把 --output 指向卡的第一个分区 / "
                f"has no cmdline.txt: for Bookworm --output must be the card's first partition"
            )
        shutil.copy(TEMPLATES / "firstrun.sh", folder)
        text = line.read_text().strip()
        if BOOKWORM_START not in text:
            line.write_text(f"{text} {BOOKWORM_START}\n")
        return
    for name in ("user-data", "meta-data", "network-config"):
        text = (TEMPLATES / name).read_text(encoding="utf-8")
        for key, value in values.items():
            text = text.replace(f"@{key}@", value)
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def _write_config(path: Path) -> None:
    existing = (
        path.read_text("utf-8") if path.exists() else (TEMPLATES / "image-config.txt").read_text()
    )
    before, begin, rest = existing.partition(BLOCK_BEGIN)
    after = rest.partition(BLOCK_END + "\n")[2] if begin else ""
    ours = (TEMPLATES / "config.txt").read_text(encoding="utf-8")
    kept = (before + after).rstrip("\n")
    path.write_text(f"{kept}\n\n{ours}", encoding="utf-8", newline="\n")


def _node_toml(card: Card, kit: KitSettings) -> str:
    return (
        f'[node]\nid = "{card.node}"\ndistrict = "{card.district}"\n'
        f"interval_seconds = {card.interval_s}\n"
        'journal = "/var/lib/heatward/journal.sqlite"\n\n'
        f'[mqtt]\nhost = "{kit.name}"\nport = {kit.mqtt_port}\nca_file = "ca.pem"\n\n'
        f'[enrolment]\nurl = "https://{kit.name}:{kit.port}"\n'
        'code_file = "/run/heatward/code.txt"\ndirectory = "/var/lib/heatward/identity"\n'
    )


def _environment(card: Card, kit: KitSettings, made_s: int) -> str:
    values = {
        "NODE": card.node,
        "VERSION": node_version,
        "RELEASE": str(made_s),
        "TIMEZONE": kit.timezone,
        "COUNTRY": kit.country,
        "TIME_SERVERS": kit.time_servers,
        "PACKAGE_MIRROR": kit.package_mirror,
        "HOTSPOT": card.hotspot,
        "HOTSPOT_PASSWORD": card.hotspot_password,
        "SSH_KEY": kit.ssh_key,
    }
    return "".join(f"{key}={shlex.quote(value)}\n" for key, value in values.items())


def _read_me(card: Card) -> str:
    lines = (
        f"Heatward {card.node}",
        "",
        "要用家里的 Wi-Fi：在这张卡上新建 wifi.txt，两行：",
        "  名称=你家的网络名",
        "  密码=你家的密码",
        "节点读完后会删除这个文件。灯连闪五下表示看不懂，原因在 wifi-error.txt。",
        "",
        "To use the home's Wi-Fi: make a file wifi.txt on this card, with two lines:",
        "  name=YOUR NETWORK",
        "  password=YOUR PASSWORD",
        "The node erases the file once it has read it. Five flashes of the light: it could not;",
        "wifi-error.txt says why.",
        "",
        f"或打开手机热点 / or open a phone's hotspot: {card.hotspot} {card.hotspot_password}",
        "",
    )
    return "\r\n".join(lines)


def _check_words(kit: KitSettings) -> None:
    for key in ("name", "timezone", "country", "time_servers", "package_mirror"):
        if not _WORD.fullmatch(getattr(kit, key)):
            raise EnrolmentError(f"{key} = {getattr(kit, key)!r}: 含不允许的字符 / bad characters")
    if "\n" in kit.ssh_key.strip() or "PRIVATE" in kit.ssh_key:
        raise EnrolmentError("ssh_key: 应为一行公钥 / must be one line, a public key")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
