"""By which rule the kernel sends, between processes of one machine too.

With ``cubic``, the kernel's own choice, bytes leave at once. ``bbr`` paces them by what it has
measured, so that a broker waits for readings that were sent, and both are slower.
"""

from __future__ import annotations

from pathlib import Path

SETTING = "net.ipv4.tcp_congestion_control"
_FILE = Path("/proc/sys") / SETTING.replace(".", "/")


def congestion_control(file: Path = _FILE) -> str:
    """Return the name of the rule; "unknown" where the kernel does not say it."""
    try:
        return file.read_text().strip()
    except OSError:
        return "unknown"
