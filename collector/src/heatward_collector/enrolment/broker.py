"""The configuration of Mosquitto, generated: TLS, client certificates, who may use which topic.

A node's certificate is its user name and its client id, so no node can take another's place, and
node ids hold nothing that a topic filter could misread. Revoked nodes are on the list of revoked
certificates, for new connections, and denied every topic, for those that are open.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from heatward_collector.whole_file import put_for_good
from heatward_node.control import MAX_CONTROL_BYTES
from heatward_node.topics import PREFIX, RESERVED_NODE
from heatward_node.wire import MAX_PAYLOAD_BYTES

from .office import Office

LARGEST_PACKET = MAX_PAYLOAD_BYTES + MAX_CONTROL_BYTES
"""A pack of a whole day, its topic and headers. [bytes]"""
SPARE_CONNECTIONS = 100
QUEUED_MESSAGES = 100_000
"""What may wait for a busy collector: a round of as many nodes. Nodes keep everything anyway."""
QUEUED_BYTES = 256 * 2**20
IN_FLIGHT = 5_000
"""As many as the collector lets be under way; what nodes send is bounded by their own window."""
LONGEST_KEEPALIVE_S = 1_200

_CONFIGURATION = """\
# Written by: heatward enrolment broker. Put one line into mosquitto.conf:
#   include_dir {folder}/conf.d
# After a change: systemctl reload mosquitto (revoked cards), restart (a new port).
listener {port} {host}
tls_version tlsv1.2
cafile {folder}/ca.pem
certfile {folder}/server.pem
keyfile {folder}/server.pem
crlfile {folder}/crl.pem
require_certificate true
use_identity_as_username true
use_username_as_clientid true
allow_anonymous false
allow_zero_length_clientid false
acl_file {folder}/acl
max_connections {connections}
max_packet_size {packet}
max_keepalive {keepalive}
max_inflight_messages {in_flight}
max_queued_messages {queued}
max_queued_bytes {queued_bytes}
"""

_NODE_WRITES = ("readings", "status", "event")
_NODE_READS = ("ack", "config")


def write_broker(
    office: Office,
    folder: Path,
    districts: Iterable[str],
    nodes: int,
    host: str,
    port: int,
) -> Path:
    """Write everything Mosquitto needs into ``folder``; return the file to include.

    ``nodes`` bounds the connections. The server's key lies in it: only the folder's owner and
    group may enter, and files that are written anew keep the group, which is to be the broker's.
    """
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o2750)
    (folder / "conf.d").mkdir(exist_ok=True)
    put_for_good(folder / "ca.pem", office.authority.pem.encode("ascii"))
    write_server(office, folder)
    write_access(office, folder, districts)
    text = _CONFIGURATION.format(
        folder=folder.resolve(),
        host=host,
        port=port,
        connections=connections_for(nodes),
        packet=LARGEST_PACKET,
        keepalive=LONGEST_KEEPALIVE_S,
        in_flight=IN_FLIGHT,
        queued=QUEUED_MESSAGES,
        queued_bytes=QUEUED_BYTES,
    )
    path = folder / "conf.d" / "heatward.conf"
    put_for_good(path, text.encode("ascii"))
    return path


def connections_for(nodes: int) -> int:
    """Return how many connections are let in where so many nodes are registered."""
    return nodes + SPARE_CONNECTIONS


def write_server(office: Office, folder: Path) -> None:
    """Give the broker the server's certificate as it is now; Mosquitto reads it on SIGHUP."""
    server = (office.authority.folder / "server.pem").read_bytes()
    held = folder / "server.pem"
    if not held.exists() or held.read_bytes() != server:
        put_for_good(held, server, 0o640)


def write_access(office: Office, folder: Path, districts: Iterable[str]) -> None:
    """Write who is shut out and who may use which topic; Mosquitto reads both on SIGHUP."""
    put_for_good(folder / "crl.pem", office.revocation_list())
    put_for_good(folder / "acl", access_list(districts, office.book.shut_out()).encode("ascii"))


def access_list(districts: Iterable[str], shut_out: Iterable[str]) -> str:
    """Return Mosquitto's access list.

    A pattern's ``%u`` is the name in the certificate. A node that writes under another district
    than its own is let through here and quarantined by the collector, which knows the registry.
    """
    lines = [f"user {RESERVED_NODE}"]
    lines += [f"topic read {PREFIX}/+/+/{leaf}" for leaf in _NODE_WRITES]
    lines += [f"topic write {PREFIX}/+/+/{leaf}" for leaf in _NODE_READS]
    lines += [f"topic write {PREFIX}/+/incarnation", "topic read $SYS/broker/#"]
    for node in shut_out:
        lines += ["", f"user {node}", "topic deny #"]
    for district in sorted(set(districts)):
        lines += ["", f"# {district}"]
        lines += [f"pattern write {PREFIX}/{district}/%u/{leaf}" for leaf in _NODE_WRITES]
        lines += [f"pattern read {PREFIX}/{district}/%u/{leaf}" for leaf in _NODE_READS]
        lines += [f"pattern read {PREFIX}/{district}/incarnation"]
    return "\n".join([*lines, ""])
