"""Coverage-guided fuzzing of one reader: ``make fuzz SUBJECT=readings SECONDS=60``.

What reaches new code is kept in ``tests/fuzz/corpus/<subject>`` and fed again by every test run.
Atheris lives in a folder of its own (``.venv/fuzz``): it is no dependency of anything else.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["heatward_collector", "heatward_node"]):
    from heatward_collector.torture.inputs.malformed_inputs import subjects

CORPUS = Path(__file__).with_name("corpus")


def main() -> None:
    """Fuzz the subject that the first argument names; the rest is libFuzzer's."""
    name, *rest = sys.argv[1:]
    folder = tempfile.TemporaryDirectory()
    subject = subjects(Path(folder.name))[name]
    own = CORPUS / name
    own.mkdir(parents=True, exist_ok=True)
    for number, sample in enumerate(subject.samples):
        if not any(own.iterdir()):
            (own / f"sample-{number}").write_bytes(sample)
    atheris.Setup([sys.argv[0], *rest], lambda data: bool(subject.swallow(data)) and None)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
