"""The real clocks of this machine, and what may vouch for them."""

import time
from pathlib import Path

import pytest

from heatward_node.clock import SystemClock


@pytest.fixture
def undisciplined(monkeypatch):
    monkeypatch.setattr(SystemClock, "_kernel_is_disciplined", lambda clock: False)


def test_the_boot_id_is_the_kernels():
    text = Path("/proc/sys/kernel/random/boot_id").read_text().strip().replace("-", "")
    assert SystemClock().boot_id.hex() == text


def test_monotonic_time_is_milliseconds_since_boot_with_sleep():
    clock = SystemClock()
    uptime_ms = float(Path("/proc/uptime").read_text().split()[0]) * 1000
    assert abs(clock.mono_ms() - uptime_ms) < 5_000
    assert clock.mono_ms() <= clock.mono_ms()


def test_wall_time_is_utc_seconds():
    assert abs(SystemClock().wall_s() - time.time()) < 5


@pytest.mark.usefixtures("undisciplined")
def test_the_mark_of_timesyncd_vouches_as_soon_as_it_is_there(tmp_path):
    mark = tmp_path / "synchronized"
    clock = SystemClock(mark)
    assert not clock.is_synchronised()
    mark.touch()
    assert clock.is_synchronised()


@pytest.mark.parametrize(
    ("state", "status", "disciplined"),
    [(0, 0x2001, True), (5, 0x40, False), (0, 0x40, False), (5, 0, False), (-1, 0, False)],
    ids=["chrony", "never set", "unsynchronised", "error", "refused"],
)
def test_the_kernels_own_word_serves_other_time_services(tmp_path, state, status, disciplined):
    class Library:
        def adjtimex(self, buffer):
            buffer[40:44] = status.to_bytes(4, "little")
            return state

    clock = SystemClock(tmp_path / "none")
    clock._libc = Library()
    assert clock.is_synchronised() is disciplined


def test_reading_the_kernels_state_works_without_privilege(tmp_path):
    assert SystemClock(tmp_path / "none").is_synchronised() in (True, False)
