"""``heatward registry`` as it is typed."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from heatward_collector.commands.registry import registry
from heatward_collector.errors import ImportRefused, RegistryError


@pytest.fixture
def heatward(tmp_path):
    """Run ``heatward registry ...`` with a state folder of its own."""
    (tmp_path / "c.toml").write_text(f'[state]\ndirectory = "{tmp_path}/state"\n')

    def run(command, *arguments):
        options = [] if command == "sample" else ["-c", str(tmp_path / "c.toml")]
        result = CliRunner().invoke(registry, [command, *map(str, arguments), *options])
        if result.exception is not None:
            raise result.exception
        return result.output

    return run


def test_the_sample_is_written_checked_previewed_imported_and_exported(heatward, tmp_path):
    heatward("sample", tmp_path / "mine")
    files = len(list((tmp_path / "mine").glob("*.csv")))
    assert f"right: {files}" in heatward("check", tmp_path / "mine")
    preview = heatward("import", tmp_path / "mine", "--dry-run")
    assert "+ building b001" in preview
    assert "nothing was imported" in preview
    assert "imported: " in heatward("import", tmp_path / "mine")
    assert "nothing changes" in heatward("import", tmp_path / "mine")
    heatward("export", tmp_path / "out")
    assert "nothing changes" in heatward("import", tmp_path / "out", "--exact")


def test_a_faulty_folder_is_refused(heatward, tmp_path):
    heatward("sample", tmp_path / "mine")
    (tmp_path / "mine" / "room.csv").write_text("id,home,use\nr,h9999,bedroom\n")
    for command in ("check", "import"):
        with pytest.raises(ImportRefused, match=r"room.csv:2: home"):
            heatward(command, tmp_path / "mine")


def test_a_sample_overwrites_nothing(heatward, tmp_path):
    with pytest.raises(RegistryError, match="exists"):
        heatward("sample", tmp_path)
