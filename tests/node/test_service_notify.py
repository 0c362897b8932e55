"""What systemd hears."""

import socket

import pytest

from heatward_node.service_notify import notify


@pytest.mark.parametrize("is_abstract", [False, True])
def test_systemd_hears_ready_and_the_watchdog(tmp_path, monkeypatch, is_abstract):
    name = f"heatward-{tmp_path.name}"
    address = f"\0{name}" if is_abstract else str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(address)
        monkeypatch.setenv("NOTIFY_SOCKET", address.replace("\0", "@"))
        assert notify("READY=1")
        assert notify("WATCHDOG=1\nSTATUS=sending")
        assert systemd.recv(100) == b"READY=1"
        assert systemd.recv(100) == b"WATCHDOG=1\nSTATUS=sending"


@pytest.mark.parametrize("address", ["", "relative", "/nowhere/socket"])
def test_without_a_listener_nothing_happens(monkeypatch, address):
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    assert not notify("READY=1")
