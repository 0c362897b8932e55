"""All dashboards of a language, and the files that are kept and provisioned."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from heatward_dashboards.building import building
from heatward_dashboards.frame import Json
from heatward_dashboards.language import LANGUAGES, Language, language
from heatward_dashboards.nodes import nodes
from heatward_dashboards.pipeline import pipeline
from heatward_dashboards.street import street
from heatward_dashboards.supplier import supplier

BUILDERS = {
    "street": street,
    "building": building,
    "supplier": supplier,
    "nodes": nodes,
    "pipeline": pipeline,
}


def all_dashboards(words: Language) -> dict[str, Json]:
    """Return every dashboard of a language by its name."""
    return {name: build(words) for name, build in BUILDERS.items()}


def folder_title(words: Language) -> str:
    """Return the title of the folder that holds the dashboards of a language."""
    return words.say("Heating supervision")


def files() -> Iterator[tuple[Path, str]]:
    """Yield every generated file: its path below ``dashboards/``, and its text."""
    for code in LANGUAGES:
        for name, made in all_dashboards(language(code)).items():
            text = json.dumps(made, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
            yield Path("json") / code / f"{name}.json", text


def write(folder: Path) -> int:
    """Write every generated file below a folder; return how many."""
    made = list(files())
    for path, text in made:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return len(made)
