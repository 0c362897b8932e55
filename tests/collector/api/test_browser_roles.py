"""Every page of every role in a real browser: both languages, an office screen and a phone.

With HEATWARD_PAGES the pages of a running demo are looked at instead of ours, and with
HEATWARD_SCREENSHOTS every page is kept as a picture (``make screenshots``).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from heatward_collector.accounts import SCOPES, Role
from heatward_collector.api.frame.menu import menu_of
from heatward_collector.api.registry_forms.edits import EDITS as EDITS_OF_THE_REGISTRY
from support.sample_pages import served_sample, take_role
from support.served_pages import CHROMIUM, running_chromium

SCREENS = ((1366, 768), (390, 844))
PHONE = 390
"""On a phone the same pages are opened without scripts."""
LOOKING = ("/building/b001",)
READING = (
    *("/complaints", "/spot-checks", "/resident-notices", "/roster", "/assessment"),
    "/declarations",
)
WRITING = (
    "/complaints/new",
    "/complaints/import",
    "/spot-checks/new",
    "/resident-notices/new",
    *READING,
)
EDITS = tuple(f"/registry/edit/{one.name}" for one in EDITS_OF_THE_REGISTRY)
MORE = {
    Role.DEMO: ("/roles", "/room/h0001-r1", "/board/es-jiangpan", *LOOKING, *READING),
    Role.OPERATOR: ("/room/h0001-r1", "/install", "/my", *EDITS, *LOOKING),
    Role.STREET: (*LOOKING, *WRITING),
    Role.DISTRICT: LOOKING,
    Role.CITY: LOOKING,
    Role.SUPPLIER: (*LOOKING, "/assessment", "/declarations"),
    Role.VOLUNTEER: ("/install/h0001-r1", "/node/n0001", *LOOKING),
    Role.RESIDENT: ("/home/cold", "/home/notice", "/home/stop"),
}
"""Pages of a role beside those of its menu."""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="chromium is not installed"),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    running = os.environ.get("HEATWARD_PAGES")
    if running:
        yield running.rstrip("/")
        return
    with served_sample(tmp_path_factory.mktemp("state")) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser


PROBLEMS = """() => {
  const found = [];
  const name = (n) => (n.getAttribute("aria-label") || n.textContent || "").trim();
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) found.push("overflow " + wide);
  if (document.querySelectorAll("h1").length !== 1) found.push("not one h1");
  if (document.scripts.length) found.push("a script, which nobody needs");
  if (!document.documentElement.lang) found.push("no language");
  if (!document.title.trim()) found.push("no title");
  const ids = [...document.querySelectorAll("[id]")].map((n) => n.id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) found.push("twice " + id);
  for (const n of document.querySelectorAll("a[href]:not(.product), button"))
    if (!name(n)) found.push("no name: " + n.outerHTML.slice(0, 80));
  for (const n of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
    if (!n.labels || !n.labels.length || !n.labels[0].textContent.trim())
      found.push("no label: " + n.outerHTML.slice(0, 80));
  for (const n of document.querySelectorAll("img:not([alt])")) found.push("no alt " + n.src);
  for (const n of document.querySelectorAll("svg"))
    if (!n.getAttribute("aria-label") && !n.getAttribute("aria-labelledby") && !n.ariaHidden)
      found.push("unnamed drawing");
  for (const n of document.querySelectorAll("th")) if (!n.scope) found.push("th without scope");
  for (const n of document.querySelectorAll("[aria-labelledby]"))
    for (const id of n.getAttribute("aria-labelledby").split(" "))
      if (!document.getElementById(id)) found.push("labelled by nothing: " + id);
  for (const n of document.querySelectorAll("button, .button, nav a, input, select")) {
    const box = n.getBoundingClientRect();
    const least = innerWidth > 760 || ["checkbox", "radio"].includes(n.type) ? 18 : 44;
    if (n.type !== "hidden" && box.width && (box.width < 18 || box.height < least))
      found.push("too small to touch: " + n.outerHTML.slice(0, 80));
  }
  return found;
}"""
"""What WCAG 2.1 AA asks and a page can be asked for: names, labels, structure, size, reflow.

On a phone what is pressed is as high as a thumb needs (2.5.5: 44 px).
"""


AXE = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text()
SERIOUS = """async () => {
  const rules = { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] };
  // A page that renews itself says how to let it stand still; axe sees only that it renews.
  const { violations } = await axe.run(document, {
    runOnly: rules,
    resultTypes: ["violations"],
    rules: { "meta-refresh": { enabled: false } },
  });
  return violations
    .filter((one) => one.impact === "serious" || one.impact === "critical")
    .map((one) => [one.id, one.nodes[0].html.slice(0, 120), one.nodes[0].failureSummary]);
}"""


def serious(page: Page) -> list[list[str]]:
    """Return what axe-core finds on a page that keeps somebody from using it."""
    page.evaluate(AXE)
    found: list[list[str]] = page.evaluate(SERIOUS)
    return found


AUDITED: set[tuple[str, str]] = set()
"""Pages that axe-core has seen in this run: for each role again only with HEATWARD_AUDIT_ALL."""


@pytest.mark.parametrize("role", [Role.DEMO, *SCOPES])
def test_every_page_of_a_role_fits_is_named_and_is_silent(
    address: str, browser: Browser, role: Role
) -> None:
    keep = os.environ.get("HEATWARD_SCREENSHOTS")
    audit_all = bool(os.environ.get("HEATWARD_AUDIT_ALL"))
    problems: list[object] = []
    for width, height in SCREENS:
        has_scripts = width > PHONE
        context = browser.new_context(
            viewport={"width": width, "height": height}, java_script_enabled=has_scripts
        )
        # Whatever leaves the machine fails, as in an office without internet.
        context.route(lambda url: not url.startswith(address), lambda route: route.abort())
        page, complaints, requests = context.new_page(), [], []
        page.on("console", lambda line, to=complaints: to.append(line.text))
        page.on("pageerror", lambda error, to=complaints: to.append(str(error)))
        page.on("request", lambda request, to=requests: to.append(request.url))
        take_role(page, address, role)
        for path in (*(entry.address for entry in menu_of(role)), *MORE[role]):
            for language in ("zh", "en"):
                answer = page.goto(f"{address}{path}?lang={language}")
                assert answer is not None and answer.status == 200, (role, path)
                found = page.evaluate(PROBLEMS)
                if has_scripts and (audit_all or (path, language) not in AUDITED):
                    AUDITED.add((path, language))
                    found += serious(page)
                problems += [(path, language, width, one) for one in found]
                if keep:
                    name = re.sub(r"\W+", "-", path).strip("-") or "buildings"
                    file = Path(keep) / f"{role.value}-{name}-{language}-{width}.png"
                    page.screenshot(path=file, full_page=True)
        context.close()
        assert complaints == []
        assert problems == []
        assert [url for url in requests if not url.startswith(address)] == []


@pytest.mark.parametrize("path", ["/board", "/board/es-jiangpan"])
def test_a_board_prints_on_one_sheet_of_a4(address: str, browser: Browser, path: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}{path}?lang=zh")
    assert page.pdf(format="A4").count(b"/Type /Page\n") == 1
    page.close()
