"""A private PostgreSQL on a free port, run by a user who is not root, as the server demands."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from support.ports import HOST, free_port
from support.servers import first_program

USER = "heatward"
START_TIMEOUT_S = 60


@contextmanager
def running_postgresql() -> Iterator[str]:
    """Run a cluster of one's own and yield the URL of its empty database."""
    initdb, pg_ctl = _program("initdb"), _program("pg_ctl")
    # Not pytest's folder: only its own user may enter that, and the server is another one.
    folder = Path(tempfile.mkdtemp(prefix="heatward-postgresql-"))
    data, port = folder / "data", free_port()
    data.mkdir()
    _give_away(folder, data)
    options = f"-p {port} -h {HOST} -k {folder} -c fsync=off"
    try:
        _as_server(initdb, "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync")
        _as_server(
            pg_ctl,
            *("-D", data, "-o", options, "-l", data / "log"),
            *("-w", "-t", START_TIMEOUT_S, "start"),
        )
        yield f"postgresql://{USER}@{HOST}:{port}/postgres"
    finally:
        if (data / "postmaster.pid").exists():
            _as_server(pg_ctl, "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def emptied(url: str) -> str:
    """Drop everything in a database and return its URL."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return url


def _program(name: str) -> str:
    newest = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return first_program(name, (folder / name for folder in newest))


def _server_user() -> str | None:
    """Return whose account the server needs; None where the tests are not root's."""
    return "nobody" if os.getuid() == 0 else None


def _give_away(*folders: Path) -> None:
    user = _server_user()
    if user is not None:
        account = pwd.getpwnam(user)
        for folder in folders:
            os.chown(folder, account.pw_uid, account.pw_gid)


def _as_server(program: str, *arguments: object) -> None:
    # A server that is to stay would keep a pipe open: its words go to a file.
    with tempfile.TemporaryFile() as output:
        ended = subprocess.run(
            [program, *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            user=_server_user(),
            cwd="/",
            timeout=2 * START_TIMEOUT_S,
            check=False,
        )
        output.seek(0)
        assert ended.returncode == 0, f"{program}: {output.read().decode(errors='replace')}"
