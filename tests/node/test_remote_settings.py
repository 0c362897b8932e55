"""What the office may change from afar, and what it may not."""

import logging
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.commands.enrolment import enrolment
from heatward_collector.enrolment.roll_call import call_roll
from heatward_node import __version__
from heatward_node.enrolment import trusting
from heatward_node.remote_settings import INTERVAL_RANGE_S, LOG_LEVELS, RemoteSettings
from support.enrolled import configured, found, running_door
from support.ports import HOST


@pytest.fixture(autouse=True)
def _level():
    before = logging.getLogger().level
    yield
    logging.getLogger().setLevel(before)


def settings():
    return RemoteSettings("", "n0001", None, 300)


def test_what_is_within_bounds_is_taken_over():
    remote = settings()
    assert remote.take(b'{"interval_seconds": 60, "log_level": "debug"}')
    assert remote.interval_s == 60
    assert logging.getLogger().level == logging.DEBUG


@pytest.mark.parametrize(
    "payload",
    [
        b'{"interval_seconds": 59, "log_level": "info"}',
        b'{"interval_seconds": 901, "log_level": "info"}',
        b'{"interval_seconds": true, "log_level": "info"}',
        b'{"interval_seconds": 300.0, "log_level": "info"}',
        b'{"interval_seconds": 600, "log_level": "critical"}',
        b'{"interval_seconds": 600, "log_level": ["info"]}',
        b'{"interval_seconds": 600}',
        b"[]",
        b"",
        b"[" * 1000,
        b'{"interval_seconds": 600, "log_level": "info"' + b" " * 2000 + b"}",
    ],
)
def test_what_is_not_changes_nothing(payload):
    remote = settings()
    assert not remote.take(payload)
    assert remote.interval_s == 300


@given(st.binary(max_size=300))
def test_no_answer_brings_a_node_out_of_bounds(payload):
    remote = settings()
    remote.take(payload)
    assert INTERVAL_RANGE_S[0] <= remote.interval_s <= INTERVAL_RANGE_S[1]


def test_the_registry_says_how_often_and_the_office_how_much(tmp_path):
    config = configured(tmp_path)
    office = found(config, time.time())
    office.book.set_log_level("n0001", "warning")
    with running_door(config):
        url = f"https://{HOST}:{config.enrolment.port}"
        assert office.book.running("n0001") is None
        ca_file = config.enrolment.directory / "ca.pem"
        remote = RemoteSettings(url, "n0001", ca_file, 60, release=1_793_000_001)
        remote.step()
        running = office.book.running("n0001")
        assert running is not None
        assert (running.version, running.release) == (__version__, 1_793_000_001)
        assert abs(running.told_s - time.time()) < 60
        (answer,) = [one for one in call_roll(config, office, time.time()) if one.node == "n0001"]
        assert answer.version == f"{__version__} / 1793000001"
        with trusting(ca_file).open(f"{url}/v1/settings?node=n0001&version=%3Cb%3E&release=x"):
            pass  # no version: the settings are told all the same, and nothing is noted
        assert office.book.running("n0001") == running
        assert remote.interval_s == 300
        assert logging.getLogger().level == logging.WARNING
        stranger = RemoteSettings(url, "n9999", config.enrolment.directory / "ca.pem", 60)
        with pytest.raises(OSError, match="404"):
            stranger.step()
    assert set(enrolment.commands["logging"].params[1].type.choices) == set(LOG_LEVELS)
