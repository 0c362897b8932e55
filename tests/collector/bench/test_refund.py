"""The measurement of refunds, in a short form."""

from click.testing import CliRunner

from heatward_collector.bench.refund import measure
from heatward_collector.commands.bench import bench


def test_a_season_of_refunds_is_measured_from_the_store_to_the_table():
    lines: list[str] = []
    measured = measure(20 * 183, 1, lines.append)
    assert measured.home_days == 20 * 183
    assert measured.yuan > 0
    assert measured.table_bytes > 1000
    assert measure(20 * 183, 1, lines.append).yuan == measured.yuan


def test_the_command_tells_rate_and_amount():
    told = CliRunner().invoke(bench, ["refund", "--home-days", "183"], catch_exceptions=False)
    assert "183" in told.output
