"""The node's program as wheels, made from what is installed here: no package index is asked.

The collector depends on the node's distribution, so exactly the versions that were tested together
lie beside it. All of them are pure Python, which is checked.
"""

from __future__ import annotations

import base64
import hashlib
import re
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from ..errors import EnrolmentError

NODE = "heatward-node"
_PACKAGE = "heatward_node"
_MADE = (2020, 1, 1, 0, 0, 0)
"""One time stamp for all members: the same program makes the same bytes."""
_LEFT_OUT = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"}


def write_wheels(folder: Path) -> list[Path]:
    """Write the wheels of the node and of everything it needs; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_write(one, folder) for one in needed(NODE)]


def needed(name: str) -> list[Distribution]:
    """Return a distribution and all it depends on, without extras and other systems' needs."""
    found: dict[str, Distribution] = {}
    waiting = [name]
    while waiting:
        one = distribution(waiting.pop())
        if one.metadata["Name"] in found:
            continue
        found[one.metadata["Name"]] = one
        for line in one.requires or ():
            requirement, _, condition = line.partition(";")
            if "extra" not in condition and "win32" not in condition.lower():
                waiting.append(re.split(r"[\s<>=!~\[(]", requirement.strip())[0])
    return list(found.values())


def _write(one: Distribution, folder: Path) -> Path:
    wheel_text = one.read_text("WHEEL") or ""
    if "Root-Is-Purelib: true" not in wheel_text:
        raise EnrolmentError(f"{one.metadata['Name']} 不是纯 Python / is not pure Python")
    stem = re.sub(r"[-_.]+", "_", one.metadata["Name"]).lower() + f"-{one.version}"
    path = folder / f"{stem}-py3-none-any.whl"
    record = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(_members(one, f"{stem}.dist-info")):
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
            record.append(f"{name},sha256={digest.decode()},{len(content)}\n")
            archive.writestr(zipfile.ZipInfo(name, _MADE), content, zipfile.ZIP_DEFLATED)
        record.append(f"{stem}.dist-info/RECORD,,\n")
        archive.writestr(zipfile.ZipInfo(f"{stem}.dist-info/RECORD", _MADE), "".join(record))
    return path


def _members(one: Distribution, info: str) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of every file; an editable install's code comes from its source."""
    is_editable = True
    for file in one.files or ():
        parts = file.parts
        if "__pycache__" in parts or ".." in parts or parts[-1].endswith(".pth"):
            continue
        content = Path(str(file.locate())).read_bytes
        if parts[0].endswith(".dist-info"):
            if parts[-1] not in _LEFT_OUT:
                yield "/".join((info, *parts[1:])), content()
        else:
            is_editable = False
            yield "/".join(parts), content()
    if is_editable:
        if one.metadata["Name"] != NODE:
            raise EnrolmentError(f"{one.metadata['Name']}: 文件找不到 / its files are not there")
        yield from _source()


def _source() -> Iterator[tuple[str, bytes]]:
    import heatward_node

    root = Path(heatward_node.__file__).parent
    for path in root.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield f"{_PACKAGE}/{path.relative_to(root).as_posix()}", path.read_bytes()
