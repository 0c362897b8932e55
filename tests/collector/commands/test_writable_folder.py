"""Where nothing can be written a command says so before it works."""

import pytest
from click.testing import CliRunner

from heatward_collector.cli import heatward


@pytest.mark.parametrize(
    "arguments",
    [
        ["simulate", "{folder}", "--days", "1"],
        ["judge", "--readings", "none.csv", "--registry", "none", "--plots", "{folder}"],
        ["score", "--seeds", "1:2", "--keep", "{folder}"],
    ],
)
def test_a_folder_below_a_file_is_named_in_both_languages(tmp_path, arguments):
    (tmp_path / "file").write_text("")
    folder = str(tmp_path / "file" / "folder")
    result = CliRunner().invoke(heatward, [one.format(folder=folder) for one in arguments])
    assert result.exit_code == 2
    assert f"{folder}: 不能写入" in result.output
    assert "name another folder" in result.output


def test_a_folder_that_can_be_made_is_made(tmp_path):
    folder = tmp_path / "new" / "pictures"
    arguments = ["judge", "--readings", "none.csv", "--registry", "none", "--plots", str(folder)]
    assert CliRunner().invoke(heatward, arguments).exit_code == 78
    assert folder.is_dir()
