"""Guards over the repository itself."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LONGEST_FILE = 330
"""The aim is 250; a file that reads worse split may be somewhat longer."""


def tracked() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout.split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def project(package: str) -> dict:
    return tomllib.loads((ROOT / package / "pyproject.toml").read_text())["project"]


def version(package: str) -> str:
    return project(package)["version"]


def locked(name: str) -> dict[str, str]:
    pins = re.findall(r"^([\w.-]+)(?:\[\w+\])?==([^ ;\\]+)", (ROOT / name).read_text(), re.M)
    return {canonicalize_name(package): version for package, version in pins}


def test_both_packages_and_the_changelog_have_one_version():
    import heatward_collector
    import heatward_dashboards
    import heatward_node

    assert version("node") == version("collector") == version("dashboards")
    assert heatward_node.__version__ == version("node")
    assert heatward_collector.__version__ == version("collector")
    assert heatward_dashboards.__version__ == version("dashboards")
    newest = re.search(r"^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert newest is not None
    assert newest[1] == version("node")


def test_no_file_names_a_machine_or_a_package_index():
    forbidden = re.compile(
        "|".join(("/wor" + "k/", "/roo" + "t/", "pypi" + ".org", "python" + "hosted"))
    )
    for path in tracked():
        if path.suffix in {".gz", ".png"} or path.is_relative_to(ROOT / "tests" / "data"):
            continue
        found = forbidden.search(path.read_text(encoding="utf-8", errors="replace"))
        assert found is None, f"{path.relative_to(ROOT)}: {found[0] if found else ''}"


def test_source_files_stay_small():
    for path in tracked():
        if path.suffix == ".py" and "src" in path.parts:
            lines = len(path.read_text().splitlines())
            assert lines <= LONGEST_FILE, f"{path.relative_to(ROOT)} has {lines} lines"


def test_both_readmes_show_the_two_commands():
    for name in ("README.md", "README.zh-CN.md"):
        text = (ROOT / name).read_text()
        assert "./run" in text
        assert "./check" in text


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_every_setting_is_in_the_readme(name: str):
    readme = (ROOT / name).read_text()
    for sample in (
        ROOT / "node/src/heatward_node/sample.toml",
        ROOT / "collector/src/heatward_collector/sample.toml",
    ):
        for section, keys in tomllib.loads(sample.read_text()).items():
            for key in keys:
                assert f"`{section}.{key}`" in readme, f"{section}.{key} is not in {name}"


@pytest.mark.parametrize(
    "name",
    ["README.md", "README.zh-CN.md", "ARCHITECTURE.md", "CHANGELOG.md", "SECURITY.md"],
)
def test_every_command_that_is_named_exists(name: str):
    from heatward_collector.cli import heatward

    text = (ROOT / name).read_text().replace("\\|", "|")
    named = re.findall(r"`heatward ([a-z-]+)((?: [a-z|]+)?)", text)
    assert named
    for command, rest in named:
        found = heatward.get_command(click.Context(heatward), command)
        assert found is not None, f"heatward {command}"
        for word in rest.split("|") if isinstance(found, click.Group) and rest else ():
            assert word.strip() in found.commands, f"heatward {command} {word}"


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_every_command_is_in_the_readme(name: str):
    from heatward_collector.cli import heatward

    table = (ROOT / name).read_text().replace("\\|", "|").splitlines()
    context = click.Context(heatward)
    for command in heatward.list_commands(context):
        rows = [line for line in table if line.startswith(f"| `heatward {command}")]
        assert rows, f"heatward {command} is not in {name}"
        found = heatward.get_command(context, command)
        for word in found.commands if isinstance(found, click.Group) else ():
            assert re.search(rf"[ |]{word}\b", rows[0]), f"heatward {command} {word}: {name}"


def test_every_place_on_the_map_exists():
    text = (ROOT / "ARCHITECTURE.md").read_text().partition("## The map")[2]
    rooms = [ROOT, ROOT / "node/src/heatward_node", ROOT / "collector/src/heatward_collector"]
    table = text.partition("### Which way")[0]
    places = re.findall(r"`([\w./]+(?:\.py|\.toml|/))`", table)
    assert len(places) > 40
    for place in places:
        assert any((room / place).exists() for room in rooms), place


def test_the_licence_is_whole_and_named_by_both_packages():
    text = (ROOT / "LICENSE").read_text()
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text
    for package in ("node", "dashboards", "collector"):
        assert project(package)["license"] == "Apache-2.0"


def test_the_lock_files_hold_what_the_packages_ask_for():
    used, developed = locked("requirements.lock"), locked("requirements-develop.lock")
    for package in ("node", "collector"):
        extras = project(package).get("optional-dependencies", {}).values()
        for texts, versions in (
            (project(package)["dependencies"], used),
            (sum(extras, project(package)["dependencies"]), developed),
        ):
            for one in map(Requirement, texts):
                name = canonicalize_name(one.name)
                if name not in ("heatward-node", "heatward-dashboards"):
                    assert name in versions, f"{name}: make lock"
                    assert versions[name] in one.specifier, f"{one}: make lock"
    assert used.items() <= developed.items(), "make lock"


def test_the_lock_files_name_no_address():
    for name in ("requirements.lock", "requirements-develop.lock"):
        assert "://" not in (ROOT / name).read_text()


def test_the_wire_needs_neither_mqtt_nor_hardware():
    code = (
        "import sys, heatward_node.wire, heatward_node.control, heatward_node.topics;"
        "assert not {'paho', 'w1thermsensor', 'sqlite3'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_node_needs_only_two_packages():
    text = (ROOT / "node/pyproject.toml").read_text()
    names = {re.split(r"[<>=]", one)[0] for one in tomllib.loads(text)["project"]["dependencies"]}
    assert names == {"paho-mqtt", "w1thermsensor"}


def test_every_public_function_of_the_core_has_a_docstring():
    for path in (ROOT / "collector/src/heatward_collector/core").rglob("*.py"):
        for item in ast.walk(ast.parse(path.read_text())):
            if isinstance(item, ast.FunctionDef | ast.ClassDef) and not item.name.startswith("_"):
                assert ast.get_docstring(item), f"{path.name}: {item.name}"
