"""Every page in a real browser: both languages, an office screen and a phone."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page

from heatward_collector.api.app import create_app
from heatward_collector.config import parse
from support.findings_board import PaperFindingRoom, every_state
from support.served_pages import CHROMIUM, running_chromium, served
from support.street import NOW_S, PaperReadingRoom, every_standing

PAGES = (
    "/",
    "/building/b-02",
    "/building/b-08",
    "/building/b-02?days=30",
    "/room/r-0201-bedroom",
    "/room/r-0201-bedroom?days=30",
    "/status",
    "/findings",
    "/finding/acute-building-b-04-4",
    "/finding/acute-building-b-08-3",
)
SCREENS = ((1366, 768), (820, 1180), (390, 844), (320, 640))

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="chromium is not installed"),
]


@dataclass
class Watched:
    """A page with everything it complained about and everything it asked for."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("state")
    config = parse(f'[state]\ndirectory = "{folder}"\n[rules]\ncity = "demo"')
    room, findings = PaperReadingRoom(every_standing()), PaperFindingRoom(every_state())
    app = create_app(config, room, lambda: float(NOW_S), findings)
    with served(app) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser


def watched(browser: Browser, width: int, height: int) -> Watched:
    page = browser.new_page(viewport={"width": width, "height": height}, java_script_enabled=True)
    seen = Watched(page)
    page.on("console", lambda line: seen.complaints.append(line.text))
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on("request", lambda request: seen.requests.append(request.url))
    return seen


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_pages_fit_stay_at_home_and_are_silent(
    address: str, browser: Browser, language: str, screen: tuple[int, int]
) -> None:
    seen = watched(browser, *screen)
    for path in PAGES:
        mark = "&" if "?" in path else "?"
        seen.page.goto(f"{address}{path}{mark}lang={language}")
        overflow = seen.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert overflow <= 0, (path, overflow)
        assert seen.page.locator("h1").count() == 1
        assert "demo data" in seen.page.locator(".demo").inner_text()
    seen.page.close()
    assert seen.complaints == []
    assert [url for url in seen.requests if not url.startswith(address)] == []


def test_one_drawing_is_shown_for_the_screen(address: str, browser: Browser) -> None:
    for width, shown in ((1366, "wide"), (390, "narrow")):
        page = browser.new_page(viewport={"width": width, "height": 800})
        page.goto(f"{address}/room/r-0201-bedroom")
        visible = [
            drawing.get_attribute("class")
            for drawing in page.locator("svg.chart").all()
            if drawing.is_visible()
        ]
        assert visible == [f"chart {shown}"]
        page.close()


def test_chinese_letters_are_drawn_not_boxed(address: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(address)
    pictures = []
    for letter in ("\u6696", "\u51b7"):
        page.set_content(f'<html lang="zh-CN"><p id="x">{letter}</p></html>')
        pictures.append(page.locator("#x").screenshot())
    page.close()
    assert pictures[0] != pictures[1]


CONTRAST = """() => {
  const light = (c) => { const v = c.map((x) => { x /= 255;
    return x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2]; };
  const parts = (text) => text.match(/[\\d.]+/g).map(Number);
  const ground = (node) => { for (; node; node = node.parentElement) {
    const c = parts(getComputedStyle(node).backgroundColor);
    if (c.length === 3 || c[3] > 0) return c.slice(0, 3); } return [255, 255, 255]; };
  const poor = [];
  for (const node of document.querySelectorAll("body *:not(svg *)")) {
    const own = [...node.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !node.checkVisibility()) continue;
    const style = getComputedStyle(node);
    const [a, b] = [light(parts(style.color).slice(0, 3)), light(ground(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push(node.className + " " + ratio.toFixed(2) + " " + node.textContent);
  }
  return poor;
}"""


@pytest.mark.parametrize("path", PAGES)
def test_letters_have_the_contrast_of_wcag_aa(address: str, browser: Browser, path: str) -> None:
    page = browser.new_page()
    page.goto(address + path)
    assert page.evaluate(CONTRAST) == []
    page.close()


def test_the_keyboard_reaches_the_content_first(address: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#content"
    page.close()


def test_on_a_phone_the_menu_is_folded_and_opens_without_scripts(
    address: str, browser: Browser
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    menu = page.locator("header nav")
    assert not menu.is_visible() and page.locator("header .language").is_visible()
    page.get_by_label("菜单").check()
    assert menu.is_visible() and menu.get_by_role("link").count() > 3
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(address)
    assert menu.is_visible() and not page.locator("#menu").is_visible()
    context.close()


def test_pages_print_without_navigation(address: str, browser: Browser) -> None:
    page = browser.new_page()
    page.emulate_media(media="print")
    page.goto(address)
    assert not page.locator("nav").is_visible()
    assert page.locator(".demo").is_visible()
    page.set_viewport_size({"width": 703, "height": 1000})
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.close()
