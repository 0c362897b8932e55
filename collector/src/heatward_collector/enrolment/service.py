"""The process that holds the authority: HTTPS for cards that enrol or renew, and its own upkeep.

It is a process of its own, so that the one that draws pages for everybody never holds the key.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping

import uvicorn

from heatward_collector.running.status import StatusWriter
from heatward_node.errors import ConfigurationError

from ..config import Config
from ..ledger import LedgerReader
from ..registry import Registry, open_registry
from .authority import Authority, utc
from .belonging import Misplaced, misplaced, registered
from .book import Book
from .boxes import Boxes
from .broker import write_access, write_server
from .door import Door
from .office import Office
from .releases import Releases

COPIES_SHOWN_S = 30 * 86_400
"""How long a copied card stays on the status page after it was last seen. [s]"""
LOOK_SECONDS = 0.2
UPKEEP_SECONDS = 3_600.0
FINISH_SECONDS = 3
MOST_CONNECTIONS = 100

log = logging.getLogger(__name__)


def open_office(config: Config, now: Callable[[], float] = time.time) -> Office:
    """Return the office of a configuration. Raises EnrolmentError where none was founded."""
    settings = config.enrolment
    return Office(Authority(settings.directory), Book(settings.book), now)


def refresh_access(config: Config, office: Office) -> None:
    """Tell the broker's files who is shut out; Mosquitto reads them when it is reloaded."""
    if config.enrolment.broker.exists():
        write_server(office, config.enrolment.broker)
        write_access(office, config.enrolment.broker, districts_of(config))


def districts_of(config: Config) -> Iterable[str]:
    """Return every district that has a node."""
    return sorted({district for district, _ in open_registry(config).nodes()})


def run(config: Config, stop: threading.Event) -> None:
    """Serve cards until ``stop`` is set."""
    settings = config.enrolment
    if settings.name is None:
        raise ConfigurationError("enrolment", ["[enrolment] name 没有设置 / is not set"])
    office = open_office(config)
    office.authority.keep_own(settings.name, utc(time.time()))
    registry = open_registry(config)

    def interval_of(node: str) -> int | None:
        rows = registry.rows("node")
        return next((int(row["interval_seconds"]) for row in rows if row["id"] == node), None)

    releases = Releases(settings.directory)
    door = Door(office, releases, interval_of, lambda: refresh_access(config, office))
    server_file = str(settings.directory / "server.pem")
    server = uvicorn.Server(
        uvicorn.Config(
            door.app(),
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=MOST_CONNECTIONS,
            timeout_graceful_shutdown=FINISH_SECONDS,
            ssl_certfile=server_file,
            ssl_keyfile=server_file,
        )
    )
    server.config.load()  # now, so that its TLS context is there
    status = StatusWriter(config.state.status, "enrolment")
    boxes = Boxes(settings.book, LedgerReader(config.state.ledger))
    listener = socket.create_server((settings.host, settings.port))
    with listener:
        asyncio.run(_serve(config, registry, office, boxes, server, listener, status, stop))
    boxes.close()
    office.book.close()


async def _serve(
    config: Config,
    registry: Registry,
    office: Office,
    boxes: Boxes,
    server: uvicorn.Server,
    listener: socket.socket,
    status: StatusWriter,
    stop: threading.Event,
) -> None:
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    upkeep_at = 0.0
    while not stop.is_set() and not serving.done():
        if time.monotonic() >= upkeep_at:
            upkeep_at = time.monotonic() + UPKEEP_SECONDS
            renew_own(config, office, server.config.ssl, time.time())
            refresh_access(config, office)
            warn_of_ends(office, status)
            warn_of_carried(boxes, registered(registry.rows("assignment"), time.time()), status)
        if boxes.follow():
            warn_of_copies(boxes, status, time.time())
        status.stage("certificates", detail=f"port {config.enrolment.port}")
        status.flush()
        await asyncio.sleep(LOOK_SECONDS)
    server.should_exit = True
    await serving


def renew_own(
    config: Config, office: Office, shown: ssl.SSLContext | None, now_s: float
) -> list[str]:
    """Renew the certificates of this side that run out within 60 days; return which.

    The server's is shown from the next connection on, without a restart; the broker's copy follows
    with :func:`refresh_access`.
    """
    renewed = office.authority.keep_own(config.enrolment.name or "", utc(now_s))
    if "server" in renewed and shown is not None:
        shown.load_cert_chain(config.enrolment.directory / "server.pem")
    for name in renewed:
        log.info("event=certificate_renewed name=%s", name)
    return renewed


def warn_of_ends(office: Office, status: StatusWriter) -> None:
    """Raise a fault for nodes whose certificate runs out within 30 days: renewal does not work."""
    ending = [one.node for one in office.expiring()]
    if not ending:
        status.clear_fault("certificates_end")
        return
    names = ", ".join(ending[:10])
    status.fault(
        "certificates_end",
        f"{len(ending)} 个节点的证书 30 天内到期或已到期：{names}",
        f"The certificates of {len(ending)} nodes run out within 30 days, or have: {names}",
        "节点到期前 60 天会自动换证。请看这些节点是否断电，或其网络是否拦了换证的端口。",
        "Nodes renew theirs 60 days ahead. See whether these have power, or whether their network "
        "blocks the port for certificates.",
    )


def warn_of_carried(boxes: Boxes, owner_of: Mapping[str, str], status: StatusWriter) -> None:
    """Raise a fault for probes that are heard from another box than the one they belong to."""
    said = boxes.said()
    carried = sorted(
        f"{probe.sensor} ({probe.other} → {node})"
        for node in {one.node for one in said}
        for probe in misplaced(node, owner_of, said)
        if probe.what is Misplaced.OF_ANOTHER_BOX
    )
    if not carried:
        status.clear_fault("carried_probes")
        return
    names = ", ".join(carried[:10])
    status.fault(
        "carried_probes",
        f"{len(carried)} 只传感器接在别的测温盒上，其读数不参与判定：{names}",
        f"{len(carried)} probes are at another box than registered; their readings judge nobody: "
        f"{names}",
        "请志愿者把传感器插回原来的测温盒；确实换了地方的，在登记表 assignment.csv 里改。",
        "Have them put back into their boxes; where one has really moved, say so in the registry's "
        "assignment.csv.",
    )


def warn_of_copies(boxes: Boxes, status: StatusWriter, now_s: float) -> None:
    """Raise a fault for cards that were copied or set back to an older image lately."""
    lately = [fork for fork in boxes.forks() if now_s - fork.seen_s < COPIES_SHOWN_S]
    if not lately:
        status.clear_fault("copied_card")
        return
    names = ", ".join(sorted({fork.node for fork in lately})[:10])
    status.fault(
        "copied_card",
        f"节点 {names} 的存储卡被复制过，或恢复成了旧镜像；两边的记录分开保存，没有混在一起。",
        f"The card of {names} was copied, or set back to an older image. The records of both are "
        f"kept apart; nothing is mixed.",
        "请看家里有几个这个编号的测温盒。多出来的收回；都不可信就 heatward enrolment revoke，"
        "重新做卡。",
        "See how many boxes of that number there are. Take in the spare one; if none can be "
        "trusted, heatward enrolment revoke it and make a new card.",
    )
