"""What every virtual world begins with: a registry imported once, and chance from a seed."""

from __future__ import annotations

import random
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.util import Finalize
from pathlib import Path

from heatward_collector.config import Config, parse
from heatward_collector.registry import Registry, spreadsheets
from heatward_collector.torture.line.memory_disk import memory_folder
from heatward_collector.torture.line.sample_town import SAMPLE
from heatward_collector.torture.virtual_days.virtual_nodes import STEP_S
from heatward_collector.torture.virtual_days.virtual_office import needs_contact

_KEPT: list[_Template] = []
"""One for each process, made when it is first needed."""


class _Template:
    """One registry for all worlds of a process, each of which begins with the same file.

    To import it, to open it and to read it whole costs more than a day on virtual time, and none
    of this is what is played; what worlds ask and write goes through the real one all the same.
    """

    def __init__(self) -> None:
        self._home = tempfile.TemporaryDirectory(
            prefix="heatward-virtual-registry-", dir=memory_folder()
        )
        # A process of a pool ends without the clean-up that the interpreter does at its end.
        Finalize(None, self._home.cleanup, exitpriority=1)
        self._file = Path(self._home.name) / "registry.sqlite"
        self.registry = Registry(f"sqlite:///{self._file}")
        spreadsheets.import_folder(self.registry, SAMPLE)
        rows = [dict(row) | {"interval_seconds": STEP_S} for row in self.registry.rows("node")]
        self.registry.put({"node": rows})
        needs_contact(self.registry)
        self.registry.close()
        self._bytes = self._file.read_bytes()

    def put_back(self) -> None:
        """Make the file what it was in the beginning."""
        self.registry.close()
        for file in Path(self._home.name).iterdir():
            file.unlink()
        self._file.write_bytes(self._bytes)


def fresh_registry() -> Registry:
    """Return the registry with which a world begins; the one before it is gone."""
    if not _KEPT:
        _KEPT.append(_Template())
    _KEPT[0].put_back()
    return _KEPT[0].registry


def configured(folder: Path) -> Config:
    """Return the configuration of a world, whose registry is :func:`fresh_registry`."""
    text = f'[state]\ndirectory = "{folder}/state"\n[rules]\ncity = "demo"\n'
    config = parse(text, "virtual")
    config.state.directory.mkdir(parents=True)
    return config


@contextmanager
def seeded_secrets(seed: int) -> Iterator[None]:
    """Let epochs and incarnations be drawn from the seed, so that a seed replays exactly."""
    chance = random.Random(f"secrets {seed}")
    below, token = secrets.randbelow, secrets.token_hex
    secrets.randbelow = chance.randrange  # type: ignore[assignment]
    secrets.token_hex = lambda count=8: chance.randbytes(count or 8).hex()  # type: ignore[assignment]
    try:
        yield
    finally:
        secrets.randbelow, secrets.token_hex = below, token
