"""The stages of the line in words: status files speak to programs, screens to people."""

from __future__ import annotations

import re

from heatward_collector.running.health import Health, Stage

from ...locale import Texts, message

_PROCESSES = {
    "broker": message("MQTT broker"),
    "ingest": message("reception"),
    "view": message("time series"),
    "seal": message("sealing of the ledger"),
    "outdoor": message("outdoor temperature"),
    "timestamp": message("outside timestamp"),
    "enrolment": message("certificates of nodes"),
    "evaluate": message("judging"),
    "cases": message("cases"),
    "notify": message("messages to people"),
    "watch": message("watch over line and disks"),
    "display": message("data for Grafana"),
    "web": message("pages"),
    "service": message("supervision"),
    "disk": message("disk"),
}
_STAGES = {
    "broker": message("running"),
    "mqtt": message("connection to the broker"),
    "nodes": message("nodes heard"),
    "ledger": message("ledger of evidence"),
    "timeseries": message("written from the ledger"),
    "sealed": message("days that are over"),
    "weather": message("weather service"),
    "stamped": message("stamped head of the ledger"),
    "window": message("last 48 hours"),
    "verdicts": message("verdicts"),
    "findings": message("suppressed heating"),
    "cases": message("cases"),
    "messages": message("messages"),
    "grafana": message("written for Grafana"),
    "pages": message("served"),
    "certificates": message("ready to sign"),
    "disks": message("disks"),
    "canary": message("test reading"),
}
_DETAILS = (
    (
        re.compile(r"batch (?P<number>\d+), (?P<behind>\d+) behind"),
        message("batch %(number)s, %(behind)s behind"),
    ),
    (
        re.compile(r"batch (?P<number>\d+) (?P<head>[0-9a-f]+)"),
        message("batch %(number)s, hash %(head)s"),
    ),
    (re.compile(r"port (?P<number>\d+)"), message("port %(number)s")),
    (re.compile(r"generation (?P<number>\d+)"), message("connection no. %(number)s")),
    (
        re.compile(r"(?P<heard>\d+) of (?P<nodes>\d+) nodes within an hour"),
        message("%(heard)s of %(nodes)s nodes within an hour"),
    ),
    (re.compile(r"(?P<number>\d+) new or changed"), message("%(number)s new or changed")),
    (
        re.compile(r"(?P<number>\d+) open, (?P<seconds>[\d.]+) s a look"),
        message("%(number)s open, %(seconds)s s for the newest look"),
    ),
    (
        re.compile(r"(?P<number>\d+) open, (?P<closed>\d+) closed"),
        message("%(number)s open, %(closed)s closed"),
    ),
    (
        re.compile(r"(?P<number>\d+) sent, (?P<waiting>\d+) waiting"),
        message("%(number)s sent, %(waiting)s waiting"),
    ),
    (
        re.compile(r"(?P<number>\d+) on the page only, (?P<waiting>\d+) waiting"),
        message("no channel is registered: %(number)s on the page of messages only"),
    ),
    (re.compile(r"(?P<number>\d+) % used"), message("%(number)s %% used")),
    (re.compile(r"(?P<number>\d+) points"), message("%(number)s points")),
    (re.compile(r"(?P<number>\d+) values"), message("%(number)s values")),
    (re.compile(r"(?P<number>\d+) days sealed"), message("%(number)s days sealed")),
)


def process_name(process: str, say: Texts) -> str:
    """Return what a process does, in one word; a strange one keeps its own."""
    return say(_PROCESSES[process]) if process in _PROCESSES else process


def stage_name(stage: str, say: Texts) -> str:
    """Return the name of a stage; a strange one keeps its own."""
    return say(_STAGES[stage]) if stage in _STAGES else stage


def put_aside(health: Health, say: Texts) -> str:
    """Say how many messages were no evidence, and where to see them; nothing where none was."""
    count = int(health.counters.get("ingest", {}).get("quarantined_messages", 0))
    if not count:
        return ""
    return say.plural(
        "%(n)d message was put aside since the start: unreadable, or of an unknown node."
        " See heatward ledger show --quarantine.",
        "%(n)d messages were put aside since the start: unreadable, or of an unknown node."
        " See heatward ledger show --quarantine.",
        count,
    )


def detail_of(stage: Stage, say: Texts) -> str:
    """Return what a stage tells of itself; what is not known here stands as it is."""
    for pattern, text in _DETAILS:
        if match := pattern.fullmatch(stage.detail):
            return say(text, **match.groupdict())
    return stage.detail
