"""A volunteer from the office's link to a sensor that is seen: a phone, a real line, one sensor.

A real Chromium as wide as a phone, a real node process on a simulated 1-Wire bus that enrols itself
with its card's code, a real Mosquitto over TLS, and the collector's own processes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, Page

from heatward_collector.accounts import Accounts, Role
from heatward_collector.cli import heatward as commands
from heatward_collector.config import Config, load
from heatward_collector.enrolment.service import open_office
from heatward_collector.node_kit.label import node_link
from heatward_collector.registry import open_registry, spreadsheets
from heatward_node.rom import kernel_name
from support.collector_stages import running_stages
from support.enrolled import running_broker
from support.evidence import SAMPLE
from support.ports import HOST, free_port, is_listening, wait_until
from support.served_pages import CHROMIUM, go_by, running_chromium
from support.w1_tree import W1Tree, rom_number

pytestmark = [
    pytest.mark.broker,
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="chromium is not installed"),
]
STAGES = ("ingest", "view", "evaluate", "enrolment", "web")
"""What a reading passes on its way to the page."""
PATIENCE_S = 300
POLL_MS = 250
NODE, ROM, RAW = "n0099", rom_number(0xE117), 317
"""19.8125 degC."""
PASSWORD = "a long password of mine"
STANDS_FOR = """
import heatward_node.clock as clock
import heatward_node.remote_settings as settings
clock.SystemClock.is_synchronised = lambda self: True
settings.INTERVAL_RANGE_S = (1, 900)
"""
"""For timesyncd, which a container does not have; and a node that measures every two seconds."""


def write_configuration(folder: Path) -> Path:
    mqtt_port, authority = free_port(), folder / "authority"
    file = folder / "collector.toml"
    file.write_text(
        f"""
        [state]
        directory = "state"
        [mqtt]
        url = "mqtts://{HOST}:{mqtt_port}"
        ca_file = "{authority}/ca.pem"
        certificate_file = "{authority}/collector.pem"
        key_file = "{authority}/collector.pem"
        [enrolment]
        name = "{HOST}"
        host = "{HOST}"
        public_port = 0
        port = {free_port()}
        mqtt_port = {mqtt_port}
        directory = "{authority}"
        [web]
        port = {free_port()}
        [rules]
        city = "harbin"
        """
    )
    return file


@contextmanager
def running_box(config: Config, folder: Path) -> Iterator[None]:
    """Run a box with one sensor whose card carries a code, as the office flashed it."""
    tree = W1Tree(folder / "sys/bus/w1/devices")
    tree.show(ROM, RAW)
    (folder / "code.txt").write_text(open_office(config).issue_code(NODE) + "\n")
    (folder / "sitecustomize.py").write_text(STANDS_FOR)
    ca_file = config.enrolment.directory / "ca.pem"
    toml = folder / "node.toml"
    toml.write_text(
        f"""
        [node]
        id = "{NODE}"
        district = "sample"
        interval_seconds = 2
        [mqtt]
        host = "{HOST}"
        port = {config.enrolment.nodes_mqtt_port}
        ca_file = "{ca_file}"
        [bus]
        path = "{tree.path}"
        [enrolment]
        url = "https://{HOST}:{config.enrolment.nodes_port}"
        """
    )
    command = [str(Path(sys.executable).with_name("heatward-node")), "run", "-c", str(toml)]
    environment = {**os.environ, "PYTHONPATH": str(folder), "RUNTIME_DIRECTORY": str(folder)}
    with (folder / "node.log").open("w") as log:
        node = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            yield
        finally:
            node.terminate()
            node.wait(60)
    assert "Traceback" not in (folder / "node.log").read_text()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    file = write_configuration(tmp_path)
    config = load(file)
    registry = open_registry(config)
    spreadsheets.import_folder(registry, SAMPLE)
    registry.put({"node": [{"id": NODE, "district": "sample", "interval_seconds": 2}]})
    done = CliRunner().invoke(commands, ["enrolment", "init", "-c", str(file)])
    assert done.exit_code == 0, done.output
    return config


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser


def patient(browser: Browser, width: int, height: int) -> Page:
    page = browser.new_page(viewport={"width": width, "height": height})
    page.set_default_timeout(PATIENCE_S * 1000)
    return page


def look(page: Page, name: str) -> None:
    """Insist that what is shown fits; keep pictures of it in both languages where asked to."""
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
    assert page.locator("h1").count() == 1
    keep = os.environ.get("HEATWARD_SCREENSHOTS")
    if keep:
        here = page.url
        for language in ("en", "zh"):
            page.goto(f"{here}{'&' if '?' in here else '?'}lang={language}")
            page.screenshot(path=Path(keep) / f"enrol-{name}-{language}.png", full_page=True)


def headline_is(page: Page, words: str) -> None:
    """Wait until a page says something, while it renews itself."""
    deadline = time.monotonic() + PATIENCE_S
    headline = page.locator("h1", has_text=words)
    while headline.count() == 0:
        assert time.monotonic() < deadline, page.locator("h1").all_inner_texts()
        page.wait_for_timeout(POLL_MS)


def choose_password(page: Page, address: str, name: str) -> None:
    page.goto(address)
    look(page, f"password-{name}")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=again]").fill(PASSWORD)
    go_by(page.locator("main button"))
    page.locator(".who").wait_for()


def invitation_from_the_office(browser: Browser, config: Config) -> str:
    """Let the office open an account for a volunteer; return the address on the slip."""
    people = Accounts(open_registry(config), time.time).people
    first = people.invite(people.add("office", "Office", Role.OPERATOR).id)
    page = patient(browser, 1366, 768)
    choose_password(page, f"{config.web.address}/invitation/{first}", "office")
    page.goto(f"{config.web.address}/people")
    page.locator("select[name=role]").select_option("volunteer")
    page.locator("input[name=scope]").fill("es-jiangpan")
    page.locator("input[name=name]").fill("王示例")
    page.locator("input[name=login]").fill("wang")
    go_by(page.locator("section form button"))
    go_by(page.locator("form[action$='/link'] button"))
    assert page.locator("svg.qr").count() == 1
    address = page.locator(".address").inner_text()
    page.close()
    return address


def test_a_volunteer_comes_from_a_code_to_the_first_reading(
    config: Config, browser: Browser, tmp_path: Path
) -> None:
    with (
        running_broker(config, tmp_path),
        running_stages(config, STAGES),
    ):
        for port in (config.enrolment.port, config.web.port):
            wait_until(lambda port=port: is_listening(port), "the collector answers", PATIENCE_S)
        invitation = invitation_from_the_office(browser, config)
        phone = patient(browser, 390, 844)
        choose_password(phone, invitation, "volunteer")
        look(phone, "my-before")
        go_by(phone.locator("main a[href='/install']"))
        look(phone, "1-box")
        with running_box(config, tmp_path):
            # The label's code, as the phone's camera opens it.
            phone.goto(node_link(NODE, config.web.address))
            go_by(phone.locator("a[href*='/install?node=']"))
            chosen = phone.locator(f"input[type=radio][value='{kernel_name(ROM)}']")
            deadline = time.monotonic() + PATIENCE_S
            while chosen.count() == 0 and time.monotonic() < deadline:
                phone.wait_for_timeout(POLL_MS)
                go_by(phone.get_by_role("link", name="再看一次"))
            look(phone, "2-sensor")
            chosen.check()
            go_by(phone.locator("main button"))
            look(phone, "3-home")
            phone.locator("select[name=home]").select_option("h0001")
            phone.locator("select[name=use]").select_option("kitchen")
            go_by(phone.locator("main button"))
            look(phone, "4-place")
            phone.locator("input[name=height]").fill("1.4")
            for tick in phone.locator("input[name=good]").all():
                tick.check()
            phone.locator("input[name=agreed]").check()
            go_by(phone.locator("main button"))
            headline_is(phone, "19.8 ℃")  # the page looks again by itself until it knows
            assert phone.url.endswith("/install/h0001-r3")
            look(phone, "5-seen")
            phone.locator("input[name=reference]").fill("20.1")
            go_by(phone.locator("main button"))
            headline_is(phone, "谢谢")
            look(phone, "6-done")
            go_by(phone.locator("a.button[href='/my']"))
            row = phone.locator("tr", has_text=NODE)
            assert "h0001" in row.inner_text() and "×" not in row.inner_text()
            look(phone, "7-my")
        phone.close()
    deed = Accounts(open_registry(config), time.time).audit.newest(1)[0]
    assert deed.target == f"room=h0001-r3 sensor={kernel_name(ROM)}"
