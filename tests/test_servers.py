"""The real servers behave in tests as their names promise."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from support.broker import Mosquitto
from support.influxdb import PASSWORD, USER, VERSIONS, InfluxServer, running_influxdb
from support.ports import HOST, wait_until
from support.servers import find_program, first_program


def has_session(broker: Mosquitto) -> bool:
    """Connect as the same client each time; return whether the broker remembers it."""
    present: list[bool] = []
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="s", protocol=paho.MQTTv5)
    client.on_connect = lambda _c, _u, flags, _code, _p: present.append(flags.session_present)
    properties = Properties(PacketTypes.CONNECT)
    properties.SessionExpiryInterval = 0xFFFFFFFF
    client.connect(HOST, broker.port, clean_start=False, properties=properties)
    client.loop_start()
    wait_until(lambda: present, "the broker answers")
    client.disconnect()
    client.loop_stop()
    return present[0]


@pytest.mark.broker
def test_a_broker_that_is_stopped_remembers_and_one_that_is_killed_forgets(mosquitto: Mosquitto):
    assert not has_session(mosquitto)
    mosquitto.stop()
    mosquitto.start()
    assert has_session(mosquitto)
    mosquitto.begin_anew()
    assert not has_session(mosquitto)
    mosquitto.kill()
    mosquitto.start()
    assert not has_session(mosquitto)


def ask(
    server: InfluxServer, path: str, body: str | None = None, token: str = ""
) -> tuple[int, str]:
    request = urllib.request.Request(server.url + path, body.encode() if body else None)
    if token:
        request.add_header("Authorization", f"Token {token}")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers.get("X-Influxdb-Version", "")
    except urllib.error.HTTPError as error:
        return error.code, ""


def query(text: str) -> str:
    return "/query?" + urllib.parse.urlencode({"q": text})


@pytest.mark.influxdb
def test_each_server_is_the_version_that_it_is_called(influxdb: InfluxServer):
    status, version = ask(influxdb, "/ping")
    assert status == 204
    assert version.lstrip("v").startswith(influxdb.version.partition("+")[0])


@pytest.mark.influxdb
def test_what_was_written_survives_a_kill(influxdb: InfluxServer):
    assert ask(influxdb, query("CREATE DATABASE kept"), body=" ")[0] == 200
    write = "/api/v2/write?bucket=kept/autogen&precision=s"
    assert ask(influxdb, write, "m,room=r celsius=20.5 1767225600")[0] == 204
    influxdb.kill()
    influxdb.start()
    url = influxdb.url + query("SELECT celsius FROM m") + "&db=kept&epoch=s"
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert b"[[1767225600,20.5]]" in answer.read()


@pytest.mark.influxdb
@pytest.mark.parametrize("version", VERSIONS)
def test_a_server_with_authentication_lets_only_its_user_in(version: str):
    with running_influxdb(version, authentication=True) as server:
        create = f"CREATE USER {USER} WITH PASSWORD '{PASSWORD}' WITH ALL PRIVILEGES"
        assert ask(server, query(create), body=" ")[0] == 200
        write = "/api/v2/write?bucket=none&precision=s"
        # As long as it knows of no user it lets everybody in; it may learn a moment later.
        wait_until(lambda: ask(server, write, "m v=1 1")[0] == 401, "it knows of its user", 10)
        assert ask(server, write, "m v=1 1", token=f"{USER}:wrong")[0] == 401
        assert ask(server, write, "m v=1 1", token=f"{USER}:{PASSWORD}")[0] == 404


@pytest.mark.parametrize(
    ("is_ci", "outcome"), [(True, pytest.fail.Exception), (False, pytest.skip.Exception)]
)
def test_a_missing_server_fails_in_ci_and_is_skipped_by_name_elsewhere(
    monkeypatch: pytest.MonkeyPatch, is_ci: bool, outcome: type[BaseException]
):
    monkeypatch.setenv("CI", "true" if is_ci else "")
    with pytest.raises(outcome, match="no-such-server is not installed; ./check installs it"):
        find_program("no-such-server")
    with pytest.raises(outcome, match="no-such-server is not installed; ./check installs it"):
        first_program("no-such-server", [Path("/nowhere/no-such-server")])
