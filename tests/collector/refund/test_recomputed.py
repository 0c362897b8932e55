"""A refund is reproducible to the reading: its days are judged again from the ledger."""

from __future__ import annotations

from dataclasses import replace

from click.testing import CliRunner

from heatward_collector.commands.refund import refund
from support.evidence import BEDROOM, LIVING, PaperNode
from support.judged_world import DAY, JudgedWorld, day_of_readings


def test_days_are_the_same_again_until_a_verdict_no_longer_rests_on_the_readings(tmp_path):
    world = JudgedWorld(tmp_path)
    node = PaperNode(1)
    world.arrive(node, [node.boot()])
    world.arrive(node, day_of_readings(node, LIVING, 17.0))
    world.arrive(node, day_of_readings(node, BEDROOM, 21.0))
    world.judge()
    (tmp_path / "collector.toml").write_text(f'[state]\ndirectory = "{tmp_path}"\n')
    arguments = ["-c", str(tmp_path / "collector.toml"), "--home", "h0001", "--check"]
    options = [*arguments, "--season", "2025", "--lang", "en"]
    same = CliRunner().invoke(refund, options)
    assert (same.exit_code, same.exception) == (0, None), same.output
    assert "2 of 2 room-days judged again from the ledger are the same" in same.output
    held = world.verdict("h0001-r1")
    forged = replace(held, facts={**held.facts, "refund_hours": {"20.0": [0, 0], "16.0": [0, 0]}})
    world.verdicts.record([forged], 1, 1)
    other = CliRunner().invoke(refund, options)
    assert other.exit_code == 1
    assert "1 of 2 room-days" in other.output
    assert f"h0001-r1 {DAY}: below → below" in other.output
