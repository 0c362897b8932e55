"""Logs of every process: one line an event, as JSON for machines or as text for a terminal.

A message begins with ``event=<stable id>`` and goes on with ``key=value`` pairs; the id is what
alerts and searches may rely on.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime

from heatward_collector.config import Log

_EVENT = re.compile(r"^event=(\S+)\s*")
TEXT_FORMAT = "%(asctime)s %(levelname)s %(processName)s %(name)s %(message)s"


class JsonLines(logging.Formatter):
    """Writes a record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record; its event id stands in a field of its own."""
        message = record.getMessage()
        event = _EVENT.match(message)
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": record.processName,
            "logger": record.name,
            "event": event.group(1) if event else None,
            "message": message[event.end() :] if event else message,
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def start_logging(settings: Log) -> None:
    """Send what a process logs to standard error in the form that was configured."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        JsonLines() if settings.format == "json" else logging.Formatter(TEXT_FORMAT)
    )
    logging.basicConfig(level=settings.level.upper(), handlers=[handler], force=True)
