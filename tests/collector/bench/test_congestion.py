"""What the kernel says of how it sends."""

from __future__ import annotations

from pathlib import Path

from heatward_collector.bench.congestion import congestion_control


def test_what_the_kernel_says_is_said(tmp_path: Path) -> None:
    (tmp_path / "said").write_text("cubic\n")
    assert congestion_control(tmp_path / "said") == "cubic"


def test_a_kernel_that_does_not_say_it_is_no_failure(tmp_path: Path) -> None:
    assert congestion_control(tmp_path / "nothing") == "unknown"
