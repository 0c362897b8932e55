"""One public port for nodes: nginx parts MQTT from HTTPS by what TLS says first, and decrypts none.

A node names its protocol in the greeting of TLS (ALPN, RFC 7301). nginx reads that much and passes
the bytes on as they are, so certificates are still checked by Mosquitto and by the enrolment
process. Cards made before nodes said it speak MQTT here, and a protocol that nobody serves is hung
up on. It is a process and a configuration of its own: what is done to the office's pages stops no
node.
"""

from __future__ import annotations

from pathlib import Path

from heatward_collector.whole_file import put_for_good

from .broker import LONGEST_KEEPALIVE_S, connections_for

SILENT_FOR_S = LONGEST_KEEPALIVE_S * 3 // 2
"""Mosquitto gives a client up after one and a half of its keepalives; nginx not before. [s]"""
GREETING_S = 10
CONNECT_S = 5
_OTHER_FILES = 64

_CONFIGURATION = """\
# Written by: heatward enrolment broker. Run it with firmware-config/broker/heatward-nodes.service.
# The modules' folder is Debian's; elsewhere the stream module is built in.
include /etc/nginx/modules-enabled/*-mod-stream.conf;
worker_processes 1;
worker_rlimit_nofile {files};
error_log stderr warn;
pid {pid};
events {{
  worker_connections {connections};
}}
stream {{
  map $ssl_preread_alpn_protocols $heatward_backend {{
    default heatward_nobody;
    "" heatward_broker;
    ~(^|,)mqtt(,|$) heatward_broker;
    ~(^|,)http/1\\.1(,|$) heatward_door;
  }}
  upstream heatward_broker {{ server {broker}; }}
  upstream heatward_door {{ server {door}; }}
  upstream heatward_nobody {{ server 127.0.0.1:1 down; }}
  server {{
    listen {port};
    ssl_preread on;
    preread_timeout {greeting}s;
    proxy_connect_timeout {connect}s;
    proxy_timeout {silent}s;
    proxy_socket_keepalive on;
    proxy_pass $heatward_backend;
  }}
}}
"""


def one_port_configuration(
    port: int, broker: str, door: str, nodes: int, pid: str = "/run/heatward-nodes/nginx.pid"
) -> str:
    """Return nginx's whole configuration; ``broker`` and ``door`` are ``host:port``."""
    # A connection takes two: that of the node, and the one behind it.
    connections = 2 * connections_for(nodes)
    return _CONFIGURATION.format(
        port=port,
        broker=broker,
        door=door,
        connections=connections,
        files=connections + _OTHER_FILES,
        pid=pid,
        greeting=GREETING_S,
        connect=CONNECT_S,
        silent=SILENT_FOR_S,
    )


def write_one_port(folder: Path, port: int, broker: str, door: str, nodes: int) -> Path | None:
    """Write the configuration beside Mosquitto's; without a public port take it away."""
    path = folder / "nginx.conf"
    if not port:
        path.unlink(missing_ok=True)
        return None
    put_for_good(path, one_port_configuration(port, broker, door, nodes).encode("ascii"))
    return path
