"""The command line: quick, lazy, and plain about what is wrong."""

import os
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from heatward_collector import commands
from heatward_collector.cli import heatward
from heatward_collector.commands.status import screen
from heatward_collector.config import Config, State
from heatward_collector.locale import texts
from heatward_collector.running.health import examine
from heatward_collector.running.stages import STAGES
from heatward_collector.running.status import StatusWriter

INSTALLED = heatward.list_commands(click.Context(heatward))


def heatward_process(*arguments: str, language: str = "en_US.UTF-8", cwd: Path) -> tuple[int, str]:
    environment = {**os.environ, "LANG": language, "LC_ALL": ""}
    done = subprocess.run(
        [sys.executable, "-m", "heatward_collector", *arguments],
        capture_output=True,
        text=True,
        env=environment,
        cwd=cwd,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def healthy_line(folder: Path) -> Config:
    for process in STAGES:
        writer = StatusWriter(folder / "status", process)
        writer.stage("stage", lag_seconds=0.5, detail="batch 7")
        writer.flush(force=True)
    return Config(state=State(folder))


def test_help_lists_every_command_in_the_language_of_the_terminal(tmp_path: Path) -> None:
    _, english = heatward_process("--help", cwd=tmp_path)
    _, chinese = heatward_process("--help", language="zh_CN.UTF-8", cwd=tmp_path)
    for name in INSTALLED:
        assert f"  {name} " in english and f"  {name} " in chinese
    assert "check a configuration file" in english
    assert "检查配置文件" in chinese


def test_help_imports_none_of_the_rooms() -> None:
    code = (
        "import sys; from heatward_collector.cli import heatward\n"
        "try: heatward(['--help'])\n"
        "except SystemExit: pass\n"
        "print([n for n in sys.modules if n in ('fastapi', 'numpy', 'sqlalchemy', 'uvicorn')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", INSTALLED)
def test_every_listed_command_can_be_asked_for_help(name: str) -> None:
    result = CliRunner().invoke(heatward, [name, "--help"])
    assert result.exit_code == 0, result.output


def test_every_room_of_commands_is_listed() -> None:
    folder = Path(commands.__file__).parent
    rooms = {path.stem for path in folder.glob("*.py")} - {"__init__", "configuration"}
    commanded = {room for room in rooms if "@click." in (folder / f"{room}.py").read_text("utf-8")}
    installed = {name.replace("-", "_") for name in INSTALLED}
    parts = {room for room in commanded if room.split("_")[0] in installed - {room}}
    assert commanded - parts == installed
    for part in parts:
        group, command = part.split("_", 1)
        assert CliRunner().invoke(heatward, [group, command, "--help"]).exit_code == 0


def test_an_unknown_command_is_refused() -> None:
    result = CliRunner().invoke(heatward, ["frobnicate"])
    assert result.exit_code == 2
    assert "frobnicate" in result.output


def test_a_faulty_configuration_exits_78_with_every_problem(tmp_path: Path) -> None:
    (tmp_path / "collector.toml").write_text('[web]\nport = 0\nfoo = 1\n[rules]\ncity = ""\n')
    code, output = heatward_process("check-config", cwd=tmp_path)
    assert code == 78
    assert "3 处错误 / problem(s)" in output
    assert "web.port = 0" in output and "web.foo" in output and "rules.city" in output
    assert "Traceback" not in output
    assert heatward_process("run", cwd=tmp_path)[0] == 78


def test_check_config_looks_for_the_files_that_are_named(tmp_path: Path) -> None:
    file = tmp_path / "other.toml"
    file.write_text('[mqtt]\nurl = "mqtts://b"\nca_file = "ca.pem"\n')
    code, output = heatward_process("check-config", "-c", str(file), cwd=tmp_path)
    assert code == 78
    assert "mqtt.ca_file" in output
    (tmp_path / "ca.pem").touch()
    code, output = heatward_process("check-config", "-c", str(file), cwd=tmp_path)
    assert code == 0
    assert "mqtts://b" in output


def test_check_config_knows_whether_the_rules_can_be_used(tmp_path: Path) -> None:
    file = tmp_path / "collector.toml"
    file.write_text('[rules]\ncity = "atlantis"\n')
    for command in ("check-config", "run"):
        code, output = heatward_process(command, cwd=tmp_path)
        assert code == 78
        assert "rules.city 'atlantis' 不在表中 / is not in it" in output
    (tmp_path / "mine.toml").write_text("[atlantis]\nall_year = true\n")
    file.write_text('[rules]\ncity = "atlantis"\nfile = "mine.toml"\n')
    assert "room_uses 缺少 / is missing" in heatward_process("check-config", cwd=tmp_path)[1]


def test_check_config_says_when_pages_are_open_to_the_network(tmp_path: Path) -> None:
    (tmp_path / "collector.toml").write_text('[web]\nhost = "0.0.0.0"\n')
    assert "single rooms are not shown" in heatward_process("check-config", cwd=tmp_path)[1]


def test_status_exits_0_when_all_is_well_and_1_with_a_remedy_when_not(tmp_path: Path) -> None:
    (tmp_path / "collector.toml").write_text('[state]\ndirectory = "state"\n')
    code, output = heatward_process("status", "--lang", "en", cwd=tmp_path)
    assert code == 1
    assert "! reception: This process does not report." in output
    assert "-> Start the collector with heatward run" in output
    healthy_line(tmp_path / "state")
    code, output = heatward_process("status", "--lang", "zh", cwd=tmp_path)
    assert code == 0
    assert "各环节工作正常" in output and "batch 7" in output


def test_status_says_that_messages_were_put_aside_and_where_to_see_them(tmp_path: Path) -> None:
    config = healthy_line(tmp_path)
    writer = StatusWriter(tmp_path / "status", "ingest")
    writer.count({"quarantined_messages": 3})
    writer.flush(force=True)
    now_s = time.time()
    lines = list(screen(examine(config, now_s), config, texts("en"), now_s))
    assert any("3 messages were put aside" in line for line in lines)
    assert any("heatward ledger show --quarantine" in line for line in lines)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_status_screen_is_aligned_and_fits_a_terminal(tmp_path: Path, language: str) -> None:
    import unicodedata

    config = healthy_line(tmp_path)
    now_s = time.time()
    lines = list(screen(examine(config, now_s), config, texts(language), now_s))
    assert len(lines) <= 24

    def column(line: str, word: str) -> int:
        before = line[: line.index(word)]
        return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in before)

    assert len({column(line, "batch 7") for line in lines if "batch 7" in line}) == 1
