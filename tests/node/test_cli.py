"""The commands, as a volunteer or an office meets them."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from heatward_node.cli import main
from heatward_node.config import load, parse
from heatward_node.errors import ConfigurationError
from support.w1_tree import W1Tree, file_text, rom_number

SENTENCES = {
    bytes(9): "断电",
    b"\xff" * 9: "GPIO4",
    bytes.fromhex("50054b467fff0c101c"): "3.3 V",
}


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "devices").mkdir()
    return W1Tree(tmp_path / "devices")


def test_a_sound_bus_is_told_with_its_temperature(tree, capsys):
    tree.show(rom_number(1), 341)
    assert main(["check", "--bus", str(tree.path), "--lang", "zh"]) == 0
    assert "21.31 ℃" in capsys.readouterr().out


@pytest.mark.parametrize("pad", SENTENCES)
def test_each_fault_says_what_to_do(tree, capsys, pad):
    tree.write(rom_number(1), file_text(pad))
    assert main(["check", "--bus", str(tree.path), "--lang", "zh"]) == 1
    assert SENTENCES[pad] in capsys.readouterr().out


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_bus_without_overlay_sensor_or_pull_up_has_a_sentence_each(tmp_path, capsys, language):
    bus = tmp_path / "bus"
    assert main(["check", "--bus", str(bus), "--lang", language]) == 1
    assert "dtoverlay=w1-gpio" in capsys.readouterr().out
    bus.mkdir()
    assert main(["check", "--bus", str(bus), "--lang", language]) == 1
    assert "dtoverlay=w1-gpio" in capsys.readouterr().out
    (bus / "w1_bus_master1").mkdir()
    assert main(["check", "--bus", str(bus), "--lang", language]) == 1
    assert "GPIO4" in capsys.readouterr().out
    (bus / "00-800000000000").mkdir()
    main(["check", "--bus", str(bus), "--lang", language])
    assert "00-" in capsys.readouterr().out


def test_parasite_power_and_counterfeits_are_named(tree, capsys):
    tree.show(rom_number(1), 320)
    (tree.path / "28-000000000001" / "ext_power").write_text("0\n")
    assert main(["check", "--bus", str(tree.path), "--lang", "en"]) == 1
    assert "parasite" in capsys.readouterr().out


def test_read_once_prints_a_line_a_sensor(tree, capsys):
    tree.show(rom_number(1), 341)
    tree.write(rom_number(2), file_text(bytes(9)))
    assert main(["read-once", "--bus", str(tree.path)]) == 0
    assert capsys.readouterr().out.split() == [
        "28-000000000001",
        "21.3125",
        "28-000000000002",
        "all_zero",
    ]


def test_a_faulty_configuration_lists_every_problem_and_exits_78(tmp_path, capsys):
    file = tmp_path / "node.toml"
    file.write_text('[node]\nid = "A B"\ninterval_seconds = 5\n[mqtt]\nport = 0\nhots = 1\n[x]\n')
    assert main(["check-config", "-c", str(file)]) == 78
    text = capsys.readouterr().err
    for word in ("node.id", "node.interval_seconds", "mqtt.port", "mqtt.hots", "[x]"):
        assert word in text
    assert "5 处错误 / problem(s)" in text


def test_all_values_are_checked_at_once():
    text = '[node]\nid = "n1"\ndistrict = "d1"\ninterval_seconds = 5\n[mqtt]\nport = 0\n'
    with pytest.raises(ConfigurationError) as refused:
        parse(text)
    assert len(refused.value.problems) == 2


def test_keys_that_go_together_are_asked_for_together(tmp_path):
    (tmp_path / "key.pem").touch()
    text = '[node]\nid = "n1"\ndistrict = "d1"\n[mqtt]\nkey_file = "key.pem"\nusername = "n1"\n'
    with pytest.raises(ConfigurationError) as refused:
        parse(text, folder=tmp_path)
    assert [problem.split()[0] for problem in refused.value.problems] == [
        "mqtt.certificate_file",
        "mqtt.password_file",
    ]


def test_files_of_keys_and_passwords_must_be_there(tmp_path):
    text = (
        '[node]\nid = "n1"\ndistrict = "d1"\n[mqtt]\nca_file = "ca.pem"\nkey_file = "key.pem"\n'
        'certificate_file = "node.pem"\nusername = "n1"\npassword_file = "secret"\n'
    )
    with pytest.raises(ConfigurationError) as refused:
        parse(text, folder=tmp_path)
    assert [problem.split()[0] for problem in refused.value.problems] == [
        "mqtt.ca_file",
        "mqtt.certificate_file",
        "mqtt.key_file",
        "mqtt.password_file",
    ]
    for name in ("ca.pem", "key.pem", "node.pem", "secret"):
        (tmp_path / name).write_text("hidden\n")
    config = parse(text, folder=tmp_path)
    assert config.broker.password == "hidden"
    assert "hidden" not in repr(config)


def test_the_sample_is_the_defaults(tmp_path):
    from importlib.resources import files

    sample = files("heatward_node").joinpath("sample.toml").read_text(encoding="utf-8")
    path = tmp_path / "node.toml"
    path.write_text(sample)
    written = load(path)
    least = parse('[node]\nid = "n0001"\ndistrict = "sample"\n', folder=tmp_path)
    assert written == least


def test_a_running_node_stays_small_and_syncs_once_a_round(tree, tmp_path):
    """At most 40 MB resident, and the journal's one transaction a round is its one fsync."""
    for number in range(4):
        tree.show(rom_number(number), 320)
    config = tmp_path / "node.toml"
    config.write_text(
        f'[node]\nid = "n1"\ndistrict = "d1"\ninterval_seconds = 60\n[mqtt]\nport = 1\n'
        f'[bus]\npath = "{tree.path}"\n'
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "heatward_node.cli", "run", "-c", str(config)]
    )
    try:
        deadline = time.monotonic() + 20
        while not (tmp_path / "journal.sqlite-wal").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(1.5)
        status = Path(f"/proc/{process.pid}/status").read_text()
    finally:
        process.terminate()
        assert process.wait(10) == 0
    resident_kb = int(next(line for line in status.splitlines() if "VmRSS" in line).split()[1])
    assert resident_kb < 40_000
