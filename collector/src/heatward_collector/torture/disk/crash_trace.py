"""What a process did to its files, call by call: from strace, to be replayed up to any call.

Only calls that change files count, and the lines that the process itself writes to its standard
output: those are its promises, such as "this batch is on disk".
"""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from heatward_collector.errors import HeatwardError

CALLS = (
    "open,openat,creat,write,pwrite64,fsync,fdatasync,ftruncate,rename,renameat,renameat2,"
    "unlink,unlinkat,close,lseek,fallocate,dup,dup2"
)
LONGEST_DATA = 2**20
TRACE_SECONDS = 120
_CALL = re.compile(r"^(\w+)\((.*)\)\s+=\s+(-?\d+)")
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')


class Write(NamedTuple):
    """Bytes at a place of a file."""

    path: str
    at: int
    data: bytes


class Resize(NamedTuple):
    """A file cut or grown."""

    path: str
    size: int


class Sync(NamedTuple):
    """A file or a folder made durable."""

    path: str


class Create(NamedTuple):
    """A name that was not there."""

    path: str


class Rename(NamedTuple):
    """A name moved over another."""

    path: str
    to: str


class Remove(NamedTuple):
    """A name taken away."""

    path: str


class Promise(NamedTuple):
    """A line that the process wrote once something was durable."""

    text: str


Operation = Write | Resize | Sync | Create | Rename | Remove | Promise


@dataclass(slots=True)
class _Open:
    path: str
    place: int = 0
    appends: bool = False


def traced(command: Sequence[str], folder: Path, log: Path) -> list[Operation]:
    """Run a program under strace; return what it did within ``folder``. Raises HeatwardError."""
    strace = ["strace", "-o", str(log), "-xx", "-s", str(LONGEST_DATA), "-e", f"trace={CALLS}"]
    done = subprocess.run(
        [*strace, *command], capture_output=True, text=True, timeout=TRACE_SECONDS, check=False
    )
    if done.returncode != 0:
        raise HeatwardError(f"the traced program ended with {done.returncode}: {done.stderr}")
    return list(operations(log.read_text().splitlines(), str(folder.resolve())))


def operations(lines: Sequence[str], folder: str) -> Iterator[Operation]:
    """Yield what a trace did within a folder, paths relative to it, and its promises."""
    reader = _Reader(folder)
    for line in lines:
        found = _CALL.match(line)
        if found is not None and int(found[3]) >= 0:
            yield from reader.call(found[1], found[2], int(found[3]))


class _Reader:
    """Descriptors and names on the way through a trace."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._open: dict[int, _Open] = {}
        self._known: set[str] = set()

    def call(self, name: str, text: str, result: int) -> Iterator[Operation]:
        """Yield what one call did."""
        if name in ("open", "openat", "creat"):
            yield from self._opened(text, result)
        elif name in ("rename", "renameat", "renameat2", "unlink", "unlinkat"):
            yield from self._names(name, text)
        elif name in ("write", "pwrite64"):
            yield from self._written(name, text, result)
        else:
            yield from self._other(name, text, result)

    def _opened(self, text: str, result: int) -> Iterator[Operation]:
        path = self._inside(_texts(text)[0])
        if path is None:
            self._open.pop(result, None)
            return
        self._open[result] = _Open(path, appends="O_APPEND" in text)
        if "O_CREAT" in text and path not in self._known:
            self._known.add(path)
            yield Create(path)
        if "O_TRUNC" in text:
            yield Resize(path, 0)

    def _names(self, name: str, text: str) -> Iterator[Operation]:
        paths = [self._inside(one) for one in _texts(text)]
        if name.startswith("unlink") and paths[0] is not None:
            self._known.discard(paths[0])
            yield Remove(paths[0])
        elif len(paths) == 2 and paths[0] is not None and paths[1] is not None:
            self._known.discard(paths[0])
            self._known.add(paths[1])
            for file in self._open.values():
                file.path = paths[1] if file.path == paths[0] else file.path
            yield Rename(paths[0], paths[1])

    def _written(self, name: str, text: str, result: int) -> Iterator[Operation]:
        number = int(text.split(",", 1)[0])
        data = _texts(text)[0][:result]
        if number == 1:
            for line in data.decode().splitlines():
                yield Promise(line)
        file = self._open.get(number)
        if file is None:
            return
        at = int(text.rsplit(",", 1)[1]) if name == "pwrite64" else file.place
        if name == "write":
            file.place += result
        yield Write(file.path, at, data)

    def _other(self, name: str, text: str, result: int) -> Iterator[Operation]:
        number = int(text.split(",", 1)[0].split(")")[0])
        file = self._open.get(number)
        if name == "close":
            self._open.pop(number, None)
        elif file is None:
            return
        elif name in ("fsync", "fdatasync"):
            yield Sync(file.path)
        elif name == "ftruncate":
            yield Resize(file.path, int(text.split(",")[1]))
        elif name == "lseek":
            file.place = result
        elif name.startswith("dup"):
            self._open[result] = file

    def _inside(self, path: bytes) -> str | None:
        """Return a path relative to the folder, None where it lies elsewhere."""
        name = path.decode().rstrip("/")
        if name == self._folder:
            return "."
        return name[len(self._folder) + 1 :] if name.startswith(self._folder + "/") else None


def _texts(text: str) -> list[bytes]:
    return [ast.literal_eval(f'b"{one}"') for one in _TEXT.findall(text)]
