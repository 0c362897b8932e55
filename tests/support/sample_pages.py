"""The pages of the sample district on paper, for a browser to look at, in every role."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Page

from heatward_collector.accounts import Role
from heatward_collector.api.app import create_app
from heatward_collector.config import parse
from heatward_collector.registry import open_registry, spreadsheets
from support.evidence import SAMPLE
from support.findings_board import PaperFindingRoom, every_state
from support.served_pages import go_by, served
from support.street import NOW_S, PaperReadingRoom, every_standing


class SampleOnPaper(PaperReadingRoom):
    """Answers for the sample registry with what stands on paper."""

    def room(self, room_id: str, days: int):
        file = super().room("r-0101-bedroom", days)
        return replace(file, room=replace(file.room, id=room_id, home=room_id.split("-")[0]))

    def building(self, building_id: str, days: int):
        return super().building("b001", days)


def sample_on_paper() -> SampleOnPaper:
    """Return one building of the sample registry for each standing."""
    buildings = enumerate(every_standing(), start=1)
    return SampleOnPaper(tuple(replace(one, id=f"b{number:03d}") for number, one in buildings))


@contextmanager
def served_sample(folder: Path) -> Iterator[str]:
    """Serve the pages of the sample district as a demo, and yield their address."""
    config = parse(f'[state]\ndirectory = "{folder}"\n[rules]\ncity = "demo"')
    spreadsheets.import_folder(open_registry(config), SAMPLE)
    app = create_app(
        config, sample_on_paper(), lambda: float(NOW_S), PaperFindingRoom(every_state())
    )
    with served(app) as url:
        yield url


def take_role(page: Page, address: str, role: Role, language: str = "zh") -> None:
    """Sign in as a role of the demo."""
    if role is not Role.DEMO:
        page.goto(f"{address}/roles?lang={language}")
        go_by(page.locator(f"form:has(input[value={role.value}]) button"))
        assert page.locator(".who").count() == 1
