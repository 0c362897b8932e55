"""An evidence pack as one file: a plain zip, a manifest of hashes, and its check without a network.

The zip is stored without compression, with fixed dates, so that the same contents always give the
same bytes. A check builds it again from what it holds: whatever byte was changed, in a file, in
the manifest or in the frame around them, the result differs.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FORMAT = "heatward-evidence-1"
MANIFEST = "manifest.json"
SEAL = "seal"
LARGEST = 512 * 2**20
"""A pack that claims to be larger is not read. [bytes]"""
_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: problems, or none; and the seal to compare with the printed one."""

    problems: tuple[str, ...]
    seal: str = ""
    manifest: Mapping[str, Any] | None = None
    files: int = 0


def pack(files: Mapping[str, bytes], facts: Mapping[str, Any]) -> tuple[bytes, str]:
    """Return the bytes of a pack, and its seal: the hash of its manifest.

    Parameters
    ----------
    files : mapping of name to bytes
        What the pack holds, in this order.
    facts : mapping
        What the manifest says of the pack: subject, span, head of the ledger. JSON values.
    """
    listed = {
        name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in files.items()
    }
    manifest = {"format": FORMAT, **facts, "files": listed}
    seal = seal_of(manifest)
    text = _canonical({**manifest, SEAL: seal})
    return _zipped({MANIFEST: text, **files}), seal


def seal_of(manifest: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a manifest without its own seal."""
    without = {key: value for key, value in manifest.items() if key != SEAL}
    return hashlib.sha256(_canonical(without)).hexdigest()


def unpack(data: bytes) -> dict[str, bytes]:
    """Return the files of a pack by name. Raises ValueError where it is no whole zip."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(one.file_size for one in archive.infolist()) > LARGEST:
                raise ValueError("larger than a pack can be")
            return {one.filename: archive.read(one) for one in archive.infolist()}
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, OSError) as error:
        raise ValueError(str(error)) from error


def check(data: bytes) -> Checked:
    """Check a pack against itself: every hash, the manifest's seal, and every byte around them."""
    try:
        files = unpack(data)
    except ValueError as error:
        return Checked((f"不是完整的证据包 / no whole evidence pack: {error}",))
    manifest = _manifest(files.pop(MANIFEST, b""))
    if manifest is None:
        return Checked(("清单缺失或损坏 / the manifest is missing or damaged",))
    problems = list(_differences(files, manifest["files"]))
    seal = seal_of(manifest)
    if manifest.get(SEAL) != seal:
        problems.append("清单被改动 / the manifest was altered")
    if not problems and pack(files, _facts(manifest))[0] != data:
        problems.append("压缩包的外壳被改动 / the frame of the zip was altered")
    return Checked(tuple(problems), seal, manifest, len(files))


def _differences(files: Mapping[str, bytes], listed: Mapping[str, Any]) -> list[str]:
    found = [
        f"{name}: 清单中没有 / is not in the manifest" for name in files.keys() - listed.keys()
    ]
    for name, wanted in listed.items():
        if name not in files:
            found.append(f"{name}: 缺少 / is missing")
        elif hashlib.sha256(files[name]).hexdigest() != wanted.get("sha256"):
            found.append(f"{name}: 被改动 / was altered")
    return sorted(found)


def _manifest(text: bytes) -> dict[str, Any] | None:
    try:
        manifest = json.loads(text)
    except ValueError:
        return None
    is_right = (
        isinstance(manifest, dict)
        and manifest.get("format") == FORMAT
        and isinstance(manifest.get("files"), dict)
        and all(isinstance(one, dict) for one in manifest["files"].values())
    )
    return manifest if is_right else None


def _facts(manifest: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in manifest.items() if key not in ("format", "files", SEAL)}


def _canonical(manifest: Mapping[str, Any]) -> bytes:
    return json.dumps(manifest, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"


def _zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _DATE)
            # Not the value of this machine: the same pack must come out everywhere.
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            archive.writestr(entry, content)
    return buffer.getvalue()
