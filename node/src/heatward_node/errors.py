"""Errors of the node.

HeatwardNodeError
├── RecordError          bytes that are not a canonical record
├── WireError            a payload or topic that breaks the wire format
├── ConfigurationError   every problem of a configuration file at once; exit code 78
├── KeyToolError         the openssl command failed
├── EnrolmentRefused     the collector gives no certificate; carries the reason
├── WifiNotUnderstood    wifi.txt cannot be used; carries the reason
├── JournalError         the journal cannot be opened, or is held by another process
│   └── JournalDamaged   the file is broken; opening it again saves what can be read
└── SensorError          a sensor or bus gave no reading; carries the quality to record
"""

from __future__ import annotations

from collections.abc import Sequence

EXIT_CONFIGURATION = 78
"""``EX_CONFIG`` of sysexits.h: systemd is told not to restart on it."""


class HeatwardNodeError(Exception):
    """Base of every error that the node raises on purpose."""


class RecordError(HeatwardNodeError, ValueError):
    """Bytes or values that cannot be a canonical record."""


class WireError(HeatwardNodeError, ValueError):
    """A payload or topic that breaks the wire format; ``reason`` is a stable word for counters."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


class ConfigurationError(HeatwardNodeError):
    """Every problem found in one configuration file."""

    def __init__(self, source: str, problems: Sequence[str]) -> None:
        lines = "\n".join(f"  - {problem}" for problem in problems)
        super().__init__(f"{source}: {len(problems)} 处错误 / problem(s)\n{lines}")
        self.problems = tuple(problems)


class KeyToolError(HeatwardNodeError):
    """The ``openssl`` command is missing or refused; the message says what it was asked."""


class EnrolmentRefused(HeatwardNodeError):
    """The collector gives no certificate; ``reason`` is a stable word."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"enrolment refused: {reason}")
        self.reason = reason


class WifiNotUnderstood(HeatwardNodeError):
    """``wifi.txt`` cannot be used; ``reason`` is a stable word."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"wifi.txt: {reason}")
        self.reason = reason


class JournalError(HeatwardNodeError):
    """The journal cannot be opened or written; the message names file and remedy."""


class JournalDamaged(JournalError):
    """The journal's file is broken: it must be opened anew, which sets the broken one aside."""


class SensorError(HeatwardNodeError):
    """A sensor or bus gave no reading; ``quality`` is the code to record."""

    def __init__(self, quality: int, detail: str = "") -> None:
        super().__init__(detail)
        self.quality = quality
