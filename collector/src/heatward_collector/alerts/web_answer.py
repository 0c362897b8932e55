"""How an HTTP answer is read: a refusal inside a 200 is a refusal, and nothing is followed."""

from __future__ import annotations

import json
import time
from typing import Any

import requests

from heatward_collector.alerts.channel import Answer

TIMEOUT_S = (4.0, 8.0)
"""To connect, and between two bytes of an answer. [s]"""
LONGEST_S = 20.0
"""For a whole answer, however slowly it drips. [s]"""
MOST_BYTES = 65_536
"""Of an answer; a larger one is no answer to us."""
_CODES = ("errcode", "code", "StatusCode")
"""Where robots say inside a 200 whether they took it: WeCom and DingTalk, Feishu, its old form."""
_WORDS = ("errmsg", "msg", "StatusMessage", "message")
_RESULTS_OF_BUSY = frozenset({45009, 130101, 11232, 9499})
"""Codes for "too many messages": WeCom, DingTalk, Feishu. (their documentation)"""
BUSY_S = 60.0


def post(
    url: str, data: bytes, headers: dict[str, str], params: dict[str, str] | None = None
) -> Answer:
    """Post once and read what became of it."""
    try:
        with requests.post(
            url,
            data=data,
            headers=headers,
            params=params,
            timeout=TIMEOUT_S,
            allow_redirects=False,
            stream=True,
        ) as response:
            return read_answer(response.status_code, dict(response.headers), _body(response))
    except requests.RequestException as error:
        # Its words may hold the address, and with it the key.
        return Answer(False, type(error).__name__)


def read_answer(status: int, headers: dict[str, str], body: bytes) -> Answer:
    """Return whether a message arrived, by status and by what stands inside."""
    if status == 429 or status == 503:
        return Answer(False, f"HTTP {status}", _retry_after(headers))
    if not 200 <= status < 300:
        return Answer(False, f"HTTP {status}")
    code, words = _inner(body)
    if code in (None, 0, "0", "ok", "OK"):
        return Answer(True, f"HTTP {status}")
    busy = BUSY_S if code in _RESULTS_OF_BUSY else None
    return Answer(False, f"HTTP {status}, {code}: {words}"[:200], busy)


def _body(response: requests.Response) -> bytes:
    """Return the beginning of an answer. Raises Timeout where it drips for too long."""
    found, ends = b"", time.monotonic() + LONGEST_S
    while len(found) < MOST_BYTES:
        part = response.raw.read1(8192)
        if not part:
            break
        found += part
        if time.monotonic() > ends:
            raise requests.Timeout
    return found


def _inner(body: bytes) -> tuple[Any, str]:
    try:
        content = json.loads(body)
    except ValueError:
        return None, ""
    if not isinstance(content, dict):
        return None, ""
    code = next((content[key] for key in _CODES if key in content), None)
    return code, str(next((content[key] for key in _WORDS if key in content), ""))


def _retry_after(headers: dict[str, str]) -> float:
    value = next((one for key, one in headers.items() if key.lower() == "retry-after"), "")
    return min(float(value), 3600.0) if value.isdigit() else BUSY_S
