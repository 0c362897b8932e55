"""A link as a QR code, drawn by the server for print: no service from outside learns of it."""

from __future__ import annotations

import segno
from markupsafe import Markup

QUIET_MODULES = 4
"""The empty border that readers need. Source: ISO/IEC 18004, quiet zone."""


def qr_code(link: str) -> Markup:
    """Return an SVG element whose size the style sheet gives."""
    drawn = segno.make(link, error="m", micro=False)
    side = drawn.symbol_size(border=QUIET_MODULES)[0]
    path = "".join(
        f"M{column + QUIET_MODULES} {row + QUIET_MODULES}h1v1h-1z"
        for row, modules in enumerate(drawn.matrix)
        for column, is_dark in enumerate(modules)
        if is_dark
    )
    return Markup(
        f'<svg class="qr" viewBox="0 0 {side} {side}" role="img" aria-label="QR">'
        f'<path d="{path}"/></svg>'
    )
