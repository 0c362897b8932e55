"""``heatward node-kit check``: whether a card is whole, and lets out nothing.

Each problem is one sentence in both languages, with what to do.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from cryptography import x509

from heatward_node.config import load
from heatward_node.errors import ConfigurationError

from .bundle import BOOKWORM_START, SUMS

OVERLAY = "dtoverlay=w1-gpio,gpiopin=4"
USER_DATA_KEYS = frozenset(
    {
        "hostname",
        "manage_etc_hosts",
        "timezone",
        "ssh_pwauth",
        "disable_root",
        "package_update",
        "package_upgrade",
        "runcmd",
    }
)
"""``cloud-init schema`` lets unknown keys pass, so a typing error would be silent."""
_PRIVATE = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_COPY = "请重新拷贝整个文件夹 / copy the whole folder again"


def inspect_bundle(folder: Path) -> list[str]:
    """Return every problem of a card's files, none where it can go into a box."""
    if not (folder / SUMS).is_file():
        return [f"{folder}: 没有 Heatward 的文件 / has none of Heatward's files; {_COPY}"]
    problems = [*_damaged(folder), *_config(folder), *_system(folder), *_secrets(folder)]
    if not problems:
        problems += _settings(folder)
    return problems


def _damaged(folder: Path) -> list[str]:
    problems = []
    for line in (folder / SUMS).read_text("utf-8").splitlines():
        digest, _, name = line.partition("  ")
        path = folder / name
        if not path.is_file():
            problems.append(f"{name}: 缺少 / is missing; {_COPY}")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            problems.append(f"{name}: 内容损坏 / is damaged; {_COPY}")
    code = folder / "heatward" / "code.txt"
    if not code.is_file() or not code.read_text("utf-8").strip():
        problems.append(
            "heatward/code.txt: 没有启用码（用过的卡？）；请重新制作 / "
            "no code, a card that was used already? make it anew"
        )
    return problems


def _config(folder: Path) -> list[str]:
    path = folder / "config.txt"
    lines = path.read_text("utf-8", "replace").splitlines() if path.is_file() else []
    stripped = [line.strip() for line in lines]
    problems = []
    if OVERLAY not in stripped:
        problems.append(f"config.txt: 缺这一行，请加到末尾 / lacks this line at its end: {OVERLAY}")
    if any(line.startswith("dtoverlay=w1-gpio") and line != OVERLAY for line in stripped):
        problems.append(
            "config.txt: w1-gpio 设了两次，请删去另一行 / "
            "names w1-gpio twice: remove the other line"
        )
    return problems


def _system(folder: Path) -> list[str]:
    user_data = folder / "user-data"
    is_trixie = user_data.is_file() and "heatward/setup.sh" in user_data.read_text("utf-8")
    if is_trixie:
        keys = re.findall(r"^([A-Za-z_]+):", user_data.read_text("utf-8"), re.M)
        unknown = sorted(set(keys) - USER_DATA_KEYS)
        missing = [
            name for name in ("meta-data", "network-config") if not (folder / name).is_file()
        ]
        return [
            *(f"user-data: {key} 不认识 / is not known; {_COPY}" for key in unknown),
            *(f"{name}: 缺少 / is missing; {_COPY}" for name in missing),
        ]
    line = folder / "cmdline.txt"
    if not (folder / "firstrun.sh").is_file():
        return [f"user-data, firstrun.sh: 都没有 / neither is there; {_COPY}"]
    if not line.is_file() or BOOKWORM_START not in line.read_text("utf-8"):
        return [
            f"cmdline.txt: 末尾应有 / must end with: {BOOKWORM_START}; 请重新制作 / make it anew"
        ]
    return []


def _secrets(folder: Path) -> list[str]:
    return [
        f"{path.relative_to(folder)}: 卡上不该有私钥，请删除 / no private key belongs on a card: "
        f"remove it"
        for path in sorted((folder / "heatward").rglob("*"))
        if path.is_file() and _PRIVATE.search(path.read_bytes())
    ]


def _settings(folder: Path) -> list[str]:
    try:
        load(folder / "heatward" / "node.toml")
        x509.load_pem_x509_certificate((folder / "heatward" / "ca.pem").read_bytes())
    except ConfigurationError as error:
        return list(error.problems)
    except ValueError as error:
        return [f"heatward/ca.pem: 不是证书 / is no certificate: {error}"]
    return []
