"""What every virtual world begins with: a registry imported once, and chance from a seed."""

from __future__ import annotations

import random
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from heatward_collector.config import Config, parse
from heatward_collector.registry import Registry, spreadsheets
from heatward_collector.torture.line import SAMPLE
from heatward_collector.torture.virtual_nodes import STEP_S
from heatward_collector.torture.virtual_office import needs_contact

_TEMPLATE: dict[str, bytes] = {}


def configured(folder: Path) -> Config:
    """Return a configuration on a copy of one registry: importing it anew costs more than a day."""
    text = f'[state]\ndirectory = "{folder}/state"\n[rules]\ncity = "demo"\n'
    config = parse(text, "virtual")
    config.state.directory.mkdir(parents=True)
    file = config.state.directory / "registry.sqlite"
    if "registry" not in _TEMPLATE:
        with tempfile.TemporaryDirectory() as name:
            made = Path(name) / "registry.sqlite"
            registry = Registry(f"sqlite:///{made}")
            spreadsheets.import_folder(registry, SAMPLE)
            rows = [dict(row) | {"interval_seconds": STEP_S} for row in registry.rows("node")]
            registry.put({"node": rows})
            needs_contact(registry)
            registry.close()
            _TEMPLATE["registry"] = made.read_bytes()
    file.write_bytes(_TEMPLATE["registry"])
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
