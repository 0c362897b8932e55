"""A real timestamping authority on this machine: openssl behind a little HTTP server."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from heatward_collector.servers.little_server import LittleServer, serving_at

_CONFIGURATION = """\
[req]
distinguished_name = name
x509_extensions = root
prompt = no
[name]
CN = Example root
[root]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign
[stamping]
extendedKeyUsage = critical,timeStamping
[tsa]
default_tsa = own
[own]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
certs = {folder}/root.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
"""


class StampingAuthority:
    """Keys and certificates in one folder; answers queries with ``status``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "tsa.cnf").write_text(_CONFIGURATION.format(folder=folder))
        (folder / "serial").write_text("01")
        self.status = 200
        self.asked = 0
        self.replay: bytes | None = None
        """What is answered to every query, as somebody in between might."""
        self._one_at_a_time = threading.Lock()
        key = ("-newkey", "rsa:2048", "-nodes")
        root = folder / "root.pem"
        self._run("req", "-x509", *key, "-keyout", folder / "root.key", "-out", root, "-days", "30")
        self._run(
            "req", "-new", *key, "-keyout", folder / "tsa.key", "-out", folder / "tsa.csr",
            "-subj", "/CN=Example authority",
        )  # fmt: skip
        self._run(
            "x509", "-req", "-in", folder / "tsa.csr", "-CA", root, "-CAkey", folder / "root.key",
            "-CAcreateserial", "-out", folder / "tsa.pem", "-days", "30", "-extensions",
            "stamping", "-extfile", folder / "tsa.cnf",
        )  # fmt: skip

    @property
    def root(self) -> Path:
        """Return the certificate that everybody may have."""
        return self.folder / "root.pem"

    def answer(self, query: bytes) -> bytes:
        """Return the authority's answer to a query."""
        with self._one_at_a_time:
            self.asked += 1
            if self.replay is not None:
                return self.replay
            asked, answered = self.folder / "query", self.folder / "out"
            asked.write_bytes(query)
            self._run("ts", "-reply", "-queryfile", asked, "-out", answered)
            return answered.read_bytes()

    def _run(self, *arguments: object) -> None:
        command = ["openssl", *map(str, arguments)]
        if arguments[0] in ("req", "ts"):
            command += ["-config", str(self.folder / "tsa.cnf")]
        subprocess.run(command, check=True, capture_output=True)


@contextmanager
def stamping(authority: StampingAuthority) -> Iterator[str]:
    """Serve an authority and yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802 (the name that http.server calls)
            query = self.rfile.read(int(self.headers["Content-Length"]))
            is_query = self.headers["Content-Type"] == "application/timestamp-query"
            self.send_response(authority.status if is_query else 400)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(authority.answer(query))

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with serving_at(LittleServer(Handler)) as address:
        yield f"{address}tsa"
