"""The socket of the pages: small answers leave at once."""

import socket
from pathlib import Path

from heatward_collector.api.server import listener_of
from heatward_collector.config import Web
from heatward_collector.running.status import StatusWriter


def test_connections_do_not_wait_for_the_browser_to_confirm_the_head(tmp_path: Path) -> None:
    web = Web(host="127.0.0.1", port=0)
    with (
        listener_of(web, StatusWriter(tmp_path, "web")) as listener,
        socket.create_connection(listener.getsockname()[:2]),
    ):
        connection, _ = listener.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
