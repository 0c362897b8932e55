"""The main forms, filled in and sent in a browser in which no script runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from heatward_collector.accounts import Role
from support.sample_pages import served_sample, take_role
from support.served_pages import CHROMIUM, go_by, running_chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="chromium is not installed"),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served_sample(tmp_path_factory.mktemp("state")) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    viewport = {"width": 390, "height": 844}
    context = browser.new_context(java_script_enabled=False, viewport=viewport)
    yield context.new_page()
    context.close()


def fill(page: Page, **answers: str) -> None:
    """Fill the fields of the page's form, and send it by its first button."""
    for name, answer in answers.items():
        field = page.locator(f"main [name={name}]").first
        if field.evaluate("node => node.tagName") == "SELECT":
            field.select_option(answer)
        else:
            field.fill(answer)
    go_by(page.locator("main form button").first)


def text_of(page: Page) -> str:
    return page.locator("main").inner_text()


def test_a_street_office_puts_down_a_complaint_and_closes_it(page: Page, address: str) -> None:
    take_role(page, address, Role.STREET, "en")
    page.goto(f"{address}/complaints/new")
    fill(page, number="12345-7", building="b001", text="cold since the evening")
    assert "12345-7" in text_of(page) and "0 of 1 closed" in text_of(page)
    go_by(page.get_by_role("button", name="Close it now"))
    assert "1 of 1 closed" in text_of(page)


def test_a_street_office_follows_its_list_and_signs_out(page: Page, address: str) -> None:
    take_role(page, address, Role.STREET, "en")
    page.goto(f"{address}/today")
    go_by(page.locator("table.tasks a").first)
    assert page.locator("h1").count() == 1
    go_by(page.locator(".who button"))
    assert page.locator(".who").count() == 0


def test_an_operator_sees_what_would_change_before_it_is_saved(page: Page, address: str) -> None:
    take_role(page, address, Role.OPERATOR, "en")
    page.goto(f"{address}/registry/edit/phone")
    fill(page, subject="su-qingsong", phone="0451-777", from_day="2026-11-20")
    assert "1 row would change" in text_of(page)
    go_by(page.get_by_role("button", name="Save what is shown"))
    assert "Saved" in text_of(page)


def test_an_operator_opens_an_account_and_prints_its_link(page: Page, address: str) -> None:
    take_role(page, address, Role.OPERATOR, "en")
    page.goto(f"{address}/people")
    fill(page, role="volunteer", scope="es-jiangpan", name="Example", login="example")
    go_by(page.get_by_role("button", name="one-time link"))
    assert "/invitation/" in text_of(page) and page.locator("svg.qr").count() == 1


def test_a_volunteer_hangs_a_sensor(page: Page, address: str) -> None:
    take_role(page, address, Role.VOLUNTEER, "en")
    page.goto(f"{address}/install")
    fill(page, node="n0001")
    fill(page, typed="28-0000deadbeef")
    fill(page, home="h0001", use="kitchen")
    page.locator("main [name=agreed]").check()
    fill(page, height="1.4")
    assert page.url.endswith("/install/h0001-r3")


def test_a_resident_tells_the_supplier_and_later_stops_for_good(page: Page, address: str) -> None:
    take_role(page, address, Role.RESIDENT, "en")
    page.goto(f"{address}/home/notice")
    channel = page.locator("main select option").nth(1).get_attribute("value")
    assert channel is not None
    fill(page, given_to="duty desk", channel=channel)
    assert "duty desk" in text_of(page)
    page.goto(f"{address}/home/stop")
    page.locator("main form input[name=sure]").check()
    go_by(page.locator("main form button").first)
    assert page.locator(".who").count() == 0
