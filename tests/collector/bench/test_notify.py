"""The receiver of the notifier's bench: what a killed sender left unsaid did not arrive."""

from __future__ import annotations

import multiprocessing
import socket
from urllib.parse import urlsplit

from heatward_collector.bench import notify
from support.ports import wait_until


def send(address: str, said: bytes, length: int) -> None:
    place = urlsplit(address)
    head = f"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: {length}\r\n\r\n".encode()
    with socket.create_connection((place.hostname, place.port)) as connection:
        connection.sendall(head + said)


def test_a_message_that_was_cut_off_did_not_arrive(tmp_path):
    context = multiprocessing.get_context("fork")
    address, receiver = notify._receiver(context, tmp_path / "received")
    try:
        send(address, b"12", length=4)
        send(address, b"13-0", length=4)
        wait_until(lambda: (tmp_path / "received").read_text(), "the whole message")
        assert (tmp_path / "received").read_text() == "13-0\n"
    finally:
        notify._kill(receiver)


def test_a_list_of_arrivals_is_counted_by_kill():
    told = notify.counted(["0-0", notify.MARK, "0-0", "0-1", "1"], ["0-0", "0-1", "1-0"], kills=1)
    assert (told.missed, told.doubled, told.most_doubled_by_a_kill, told.strange) == (1, 1, 1, 1)
    assert not told.is_right
