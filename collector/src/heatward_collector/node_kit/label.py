"""Paper that goes with a box: its label (A6), and the sheet that residents sign (A4)."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path

import segno
import typst

from .bundle import Card

TEMPLATE = Path(__file__).with_name("label.typ")
CONSENT = Path(__file__).with_name("consent.typ")
_ERROR_CORRECTION = "m"
"""15 % of the code may be scratched."""


def write_labels(cards: Sequence[Card], address: str, path: Path) -> None:
    """Write the labels of several cards as one PDF. ``address`` is where their pages are."""
    rows = [
        {
            "node": card.node,
            "hotspot": card.hotspot,
            "password": card.hotspot_password,
            "link": node_link(card.node, address),
            "qr": qr_picture(node_link(card.node, address)),
        }
        for card in cards
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    inputs = {"cards": json.dumps(rows, ensure_ascii=False)}
    path.write_bytes(typst.compile(TEMPLATE, sys_inputs=inputs))


def write_consent(path: Path, language: str) -> None:
    """Write the sheet that residents read and sign, one page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(typst.compile(CONSENT, sys_inputs={"lang": language}))


def node_link(node: str, address: str) -> str:
    """Return what a label's QR code says: the page of the node, or its name where none is known."""
    return f"{address.rstrip('/')}/node/{node}" if address else f"urn:heatward:node:{node}"


def qr_picture(text: str) -> str:
    """Return a QR code as SVG."""
    picture = io.BytesIO()
    segno.make(text, error=_ERROR_CORRECTION, micro=False).save(
        picture, kind="svg", xmldecl=False, border=2
    )
    return picture.getvalue().decode("utf-8")
