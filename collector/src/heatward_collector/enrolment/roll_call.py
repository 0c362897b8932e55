"""The roll call before the season: of every registered node, whether it is ready, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from heatward_node.reading import Quality

from ..config import Config
from ..ledger import LedgerReader
from ..registry import open_registry
from .belonging import Misplaced, Probe, misplaced, registered
from .boxes import Boxes, Heard
from .office import Office

SILENT_AFTER_S = 3_600
"""A node speaks at least every 15 minutes. [s]"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the roll call found of one node."""

    node: str
    is_ready: bool
    zh: str
    en: str
    version: str = ""
    """Version and release of its program by its own word, empty where it never said."""


PROBES = {
    Misplaced.OF_ANOTHER_BOX: (
        "传感器 {sensor} 登记在 {other}",
        "probe {sensor} belongs to {other}",
    ),
    Misplaced.AT_ANOTHER_BOX: ("传感器 {sensor} 接在 {other} 上", "probe {sensor} is at {other}"),
    Misplaced.SILENT: ("登记的传感器 {sensor} 没有应答", "its probe {sensor} does not answer"),
    Misplaced.UNLISTED: ("传感器 {sensor} 没有登记", "probe {sensor} is not in the registry"),
    Misplaced.TWIN: ("传感器 {sensor} 与 {other} 上的同号", "{other} has a probe {sensor} too"),
}
"""What is the matter with probes, in words for the office."""


def call_roll(config: Config, office: Office, now_s: float) -> list[Answer]:
    """Return an answer for every node of the registry, those that are not ready first."""
    boxes = Boxes(config.enrolment.book, LedgerReader(config.state.ledger))
    try:
        while boxes.follow():
            continue
        registry, said = open_registry(config), boxes.said()
        owner_of = registered(registry.rows("assignment"), now_s)
        answers = []
        for district, node in registry.nodes():
            is_enrolled = office.book.current(node) is not None
            probes = misplaced(node, owner_of, said)
            answer = answer_of(node, is_enrolled, boxes.heard(district, node), now_s, probes)
            running = office.book.running(node)
            version = "" if running is None else f"{running.version} / {running.release}"
            answers.append(replace(answer, version=version))
    finally:
        boxes.close()
    return sorted(answers, key=lambda one: (one.is_ready, one.node))


def answer_of(
    node: str,
    is_enrolled: bool,
    words: list[Heard],
    now_s: float,
    probes: Sequence[Probe] = (),
) -> Answer:
    """Return what to say of a node by its certificate and the last words of its sensors."""
    newest = max((one.received_s for one in words), default=None)
    if not is_enrolled:
        return Answer(node, False, "还没有领证书：卡没用过，或已吊销", "has no certificate")
    if newest is None:
        return Answer(node, False, "领了证书，还没有来过数", "enrolled, and never heard")
    if now_s - newest > SILENT_AFTER_S:
        hours = round((now_s - newest) / 3600)
        return Answer(node, False, f"{hours} 小时没有来数", f"silent for {hours} h")
    recent = [one for one in words if one.received_s >= newest - SILENT_AFTER_S]
    faults = sorted({one.quality.name.lower() for one in recent if one.quality != Quality.GOOD})
    if faults:
        named = ", ".join(faults)
        return Answer(node, False, f"传感器有问题：{named}", f"sensors at fault: {named}")
    if probes:
        said = [(PROBES[one.what], {"sensor": one.sensor, "other": one.other}) for one in probes]
        zh, en = (
            "; ".join(texts[side].format(**values) for texts, values in said) for side in (0, 1)
        )
        return Answer(node, False, zh, en)
    return Answer(node, True, f"传感器正常 {len(recent)} 只", f"sensors that answer: {len(recent)}")
