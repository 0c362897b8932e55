"""The guide's pictures are those that its program draws, and no wiring fault is without one."""

import importlib.util
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
import typst
from click.testing import CliRunner

from heatward_collector.cli import heatward
from heatward_collector.node_kit.label import CONSENT, TEMPLATE, node_link, qr_picture, write_labels
from heatward_node import wiring_words
from heatward_node.light import Message
from heatward_node.reading import Quality
from support.cards import CARD

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "firmware-config" / "guide"
CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def draw():
    specification = importlib.util.spec_from_file_location("draw", GUIDE / "draw.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_every_picture_is_as_it_is_drawn(draw):
    for path, text in draw.drawn().items():
        assert path.read_text("utf-8") == text, f"{path.name}: run firmware-config/guide/draw.py"
        ElementTree.fromstring(text)


def test_no_picture_is_left_over(draw):
    for folder in (GUIDE / "drawings", draw.FAULTS):
        assert set(folder.iterdir()) == {path for path in draw.drawn() if path.parent == folder}


def test_wires_go_to_the_inner_row_of_the_header(draw):
    """The outer row, at the board's edge, holds pins 2, 8 and 10: 5 V and the serial port."""
    picture = (GUIDE / "drawings" / "wiring.zh.svg").read_text("utf-8")
    pins = re.findall(r'<circle cx="(\d+)" cy="\d+" r="\d+" fill="(#\w+)"', picture)
    used = {int(x) for x, fill in pins if fill in (draw.RED, draw.YELLOW, draw.BLACK)}
    assert used == {min(int(x) for x, _ in pins)}
    assert (
        re.findall(r'd="M(\d+),\d+ C[^"]*" fill="none" stroke="#\w+" stroke-width="6"', picture)
        == [str(*used)] * 3
    )


def test_english_pictures_have_no_chinese(draw):
    for path, text in draw.drawn().items():
        words = "".join(re.findall(r"<text[^>]*>([^<]*)", text))
        assert words
        assert bool(CHINESE.search(words)) is (".zh." in path.name), path.name


def test_every_finding_about_the_wiring_has_a_picture(draw):
    of_sensors = {quality.name.lower() for quality in wiring_words.OF_QUALITY}
    of_the_bus = {
        one.code for one in vars(wiring_words).values() if isinstance(one, wiring_words.Finding)
    }
    others = {"parasite", "counterfeit", "not_ready", "truncated", "driver_error"}
    assert of_sensors | of_the_bus | others <= set(draw.FAULT_PICTURES)
    assert {quality.name.lower() for quality in Quality} - set(draw.FAULT_PICTURES) == {
        "good",
        "bus_gone",
    }


@pytest.mark.parametrize(("name", "language"), [("README.md", "en"), ("README.zh-CN.md", "zh")])
def test_every_picture_and_every_message_of_the_light_is_in_the_guide(name, language):
    text = (GUIDE / name).read_text("utf-8")
    for link in re.findall(r"\]\(([^)]+)\)", text):
        assert (GUIDE / link).exists(), link
    for drawing in (GUIDE / "drawings").glob(f"*.{language}.svg"):
        assert drawing.name in text
    rows = re.findall(r"^\| (?:连闪 |每三秒闪 )?(\d) (?:下|flash)", text, re.M)
    assert [int(row) for row in rows] == [one.value for one in Message if one]


def test_the_label_has_every_message_too():
    text = TEMPLATE.read_text("utf-8")
    assert re.findall(r"flashes\((\d)\),", text) == [str(one.value) for one in Message if one]


def pages(template, **inputs):
    found = typst.compile(template, format="png", ppi=30, sys_inputs=inputs)
    return 1 if isinstance(found, bytes) else len(found)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_sheet_for_residents_is_one_page(language, tmp_path):
    assert pages(CONSENT, lang=language) == 1
    target = tmp_path / "sheet.pdf"
    arguments = ["node-kit", "consent", "--lang", language, "--output", str(target)]
    assert CliRunner().invoke(heatward, arguments).exit_code == 0
    assert target.read_bytes().startswith(b"%PDF")


def test_a_hundred_labels_are_a_hundred_pages(tmp_path):
    write_labels([CARD] * 100, "https://heat.example", tmp_path / "labels.pdf")
    data = (tmp_path / "labels.pdf").read_bytes()
    (count,) = re.findall(rb"/Count (\d+)", data)
    assert int(count) == 100


def test_the_code_on_the_label_leads_to_the_boxs_page():
    assert node_link("n0001", "https://heat.example/") == "https://heat.example/node/n0001"
    assert node_link("n0001", "") == "urn:heatward:node:n0001"
    assert qr_picture("x").startswith("<svg")
