"""Push the dashboards to a real Grafana, open each in Chromium, and look for what is wrong.

    make grafana-check GRAFANA_URL=http://127.0.0.1:3000 GRAFANA_TOKEN=token-file

Both languages, on the screens of an old office and of a new one. It fails on an error of a panel,
on "No data", on a title that is cut off, on a request that leaves Grafana, and on a link whose
other end does not answer 200; the pictures stay in ``grafana-pictures/``. The database that
Grafana reads must hold data, such as those of ``heatward demo --with`` a ``[display]`` section.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Error, Page, sync_playwright

from heatward_dashboards.build import BUILDERS
from heatward_dashboards.language import LANGUAGES, language

SCREENS = ((1366, 768), (1920, 1080))
TALL = 2600
"""High enough for every panel of a dashboard to be drawn. [px]"""
PATIENCE_MS = 180_000
WRONG = ("No data", "Too many points", "Panel plugin not found", "An unexpected error")
_CUT_OFF = """() => [...document.querySelectorAll('h2, [class*="panel-title"]')]
  .filter(e => e.offsetParent && e.scrollWidth > e.clientWidth + 1 && e.textContent)
  .map(e => e.textContent)"""
_BROKEN = """() => [...document.querySelectorAll(
  '[aria-label="Panel status error"], [data-testid="data-testid Panel status error"], '
  + '.panel-info-corner--error')].map(e => e.closest('.react-grid-item')?.textContent || '?')"""


_LINKS = """() => [...document.querySelectorAll('a[href]')]
  .filter(e => e.offsetParent && (e.href.includes('/d/heatward') || e.origin !== location.origin))
  .map(e => e.href)"""


_IS_DRAWN = """() => !document.querySelector(
  '.panel-loading, [aria-label="Panel loading bar"], [data-testid="panel-loading-bar"]')"""


def main() -> int:
    """Push, open everything, and return how many things were wrong."""
    options = _options()
    _push(options)
    options.pictures.mkdir(parents=True, exist_ok=True)
    wrong: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=options.chromium, args=["--no-sandbox"]
        )
        for code in LANGUAGES:
            for width, height in SCREENS:
                for fault in _look(browser, options, code, width, height):
                    print(fault, flush=True)
                    wrong.append(fault)
        browser.close()
    print(f"{len(LANGUAGES) * len(SCREENS) * len(BUILDERS)} pictures, {len(wrong)} faults")
    return min(len(wrong), 1)


def _look(
    browser: Browser, options: argparse.Namespace, code: str, width: int, height: int
) -> Iterator[str]:
    headers = {"Authorization": f"Bearer {options.token.read_text().strip()}"}
    locale = "zh-CN" if code == "zh" else "en-GB"
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale=locale,
        extra_http_headers=headers,
        ignore_https_errors=True,
    )
    page = context.new_page()
    strangers: list[str] = []
    followed: set[str] = set()
    host = urlsplit(options.url).netloc
    page.on(
        "request",
        lambda request: (
            strangers.append(request.url)
            if urlsplit(request.url).netloc not in (host, "")
            else None
        ),
    )
    for name in BUILDERS:
        print(f"{code} {name} {width}x{height}", flush=True)
        uid = language(code).uid(name)
        page.goto(f"{options.url}/d/{uid}?{options.query}", timeout=PATIENCE_MS)
        _wait(page)
        here = f"{code} {name} {width}x{height}"
        page.screenshot(path=options.pictures / f"{uid}-{width}-top.png")
        page.set_viewport_size({"width": width, "height": TALL})
        _wait(page)
        yield from (f"{here}: {fault}" for fault in _faults(page))
        page.screenshot(path=options.pictures / f"{uid}-{width}.png")
        yield from (f"{here}: {fault}" for fault in _dead_links(page, followed))
        page.set_viewport_size({"width": width, "height": height})
    print(f"{code} {width}x{height}: {len(followed)} links followed")
    yield from (f"{code} {width}: a request left the machine: {url}" for url in set(strangers))
    context.close()


def _wait(page: Page) -> None:
    """Wait until every panel is drawn; Grafana never stops talking to its server."""
    page.wait_for_selector(".react-grid-item", timeout=PATIENCE_MS)
    page.wait_for_function(_IS_DRAWN, timeout=PATIENCE_MS)
    page.wait_for_timeout(2_500)


def _faults(page: Page) -> Iterator[str]:
    text = page.inner_text("body")
    yield from (word for word in WRONG if word in text)
    yield from (f"cut off: {title}" for title in page.evaluate(_CUT_OFF))
    yield from (f"panel error: {panel[:80]}" for panel in page.evaluate(_BROKEN))


def _dead_links(page: Page, followed: set[str]) -> Iterator[str]:
    """Follow every link of the dashboard and of its tables once."""
    for address in sorted(set(page.evaluate(_LINKS)) - followed):
        followed.add(address)
        try:
            status = page.context.request.get(address, timeout=PATIENCE_MS).status
        except Error as error:
            yield f"a link leads nowhere: {address}: {error.message.splitlines()[0]}"
            continue
        if status != 200:
            yield f"a link answers {status}: {address}"


def _push(options: argparse.Namespace) -> None:
    command = [sys.executable, "-m", "heatward_collector", "dashboards", "push", options.url]
    subprocess.run([*command, "--token-file", str(options.token)], check=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="the address of Grafana")
    parser.add_argument("token", type=Path, help="a file with the token of a service account")
    parser.add_argument("--pictures", type=Path, default=Path("grafana-pictures"))
    parser.add_argument(
        "--query", default="from=now-5d&to=now&theme=light", help="of the address of each"
    )
    chromium = os.environ.get("HEATWARD_CHROMIUM", "/usr/bin/chromium")
    parser.add_argument("--chromium", default=chromium)
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
