"""Log lines: one JSON object each, with a stable event id."""

import json
import logging

from heatward_collector.running.log import JsonLines


def line_of(message: str, *values: object, error: bool = False) -> dict[str, object]:
    record = logging.LogRecord("heatward", logging.WARNING, "file", 1, message, values, None)
    if error:
        try:
            raise ValueError("boom")
        except ValueError:
            import sys

            record.exc_info = sys.exc_info()
    found: dict[str, object] = json.loads(JsonLines().format(record))
    return found


def test_the_event_id_stands_in_its_own_field() -> None:
    line = line_of("event=process_ended stage=%s exit=%s", "view", 3)
    assert (line["event"], line["message"]) == ("process_ended", "stage=view exit=3")
    assert line["level"] == "warning"


def test_a_foreign_message_has_no_event_and_chinese_stays_readable() -> None:
    line = line_of("登记表 %s", "loaded")
    assert (line["event"], line["message"]) == (None, "登记表 loaded")


def test_a_traceback_stays_on_the_line() -> None:
    assert "ValueError: boom" in str(line_of("event=x", error=True)["traceback"])
