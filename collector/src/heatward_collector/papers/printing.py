"""Pages of A4 as PDF, with Chinese letters inside: set by typst from a template and data."""

from __future__ import annotations

import functools
import json
import tempfile
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import typst

from heatward_collector.errors import HeatwardError

CHINESE_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Microsoft YaHei",
    "PingFang SC",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
)
"""Families that hold simplified Chinese, the best first; the last one draws no ℃ in a PDF."""


class FontMissing(HeatwardError):
    """No font with Chinese letters is installed."""


@functools.cache
def installed_fonts() -> frozenset[str]:
    """Return the families of fonts that this machine has."""
    return frozenset(typst.Fonts().families())


def chinese_font(installed: Collection[str]) -> str:
    """Return the best family with Chinese letters. Raises FontMissing with the remedy."""
    for family in CHINESE_FONTS:
        if family in installed:
            return family
    raise FontMissing(
        "没有中文字体，无法生成 PDF；请运行 / no font with Chinese letters, so no PDF; run: "
        "sudo apt-get install fonts-noto-cjk"
    )


def print_pages(
    template: str,
    data: Mapping[str, Any],
    made_s: float,
    pictures: Mapping[str, str] | None = None,
) -> bytes:
    """Return a PDF.

    Parameters
    ----------
    template : str
        Name of a template of this room, without its ending.
    data : mapping
        JSON values; texts are set as they are and never run as code.
    made_s : float
        Time of making, the only one that the file carries: the same data give the same bytes.
        [s UTC]
    pictures : mapping of name to SVG, optional
        Files that the data name.
    """
    font = chinese_font(installed_fonts())
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for source in resources.files(__package__).joinpath("templates").iterdir():
            if source.name.endswith(".typ"):
                (root / source.name).write_bytes(source.read_bytes())
        for name, picture in (pictures or {}).items():
            (root / name).write_text(picture.replace(CHINESE_FONTS[0], font), "utf-8")
        document = json.dumps({**data, "font": font}, ensure_ascii=False)
        (root / "data.json").write_text(document, "utf-8")
        made: bytes = typst.compile(
            str(root / f"{template}.typ"),
            root=str(root),
            format="pdf",
            timestamp=datetime.fromtimestamp(made_s, UTC),
        )
    return made
