"""The generated dashboards: fresh, complete in both languages, and such as Grafana takes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from grafana_foundation_sdk.models.dashboard import Dashboard

from heatward_collector.display.outline import outline
from heatward_collector.registry import Registry, spreadsheets
from heatward_collector.running.stages import STAGES
from heatward_dashboards.build import BUILDERS, all_dashboards, files, folder_title
from heatward_dashboards.frame import placed
from heatward_dashboards.language import LANGUAGES, Language, chinese, language
from support.evidence import SAMPLE
from support.panel_queries import queries

ROOT = Path(__file__).parents[2] / "dashboards"
CJK = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
EVERY = [
    pytest.param(made, id=f"{code}-{name}")
    for code in LANGUAGES
    for name, made in all_dashboards(language(code)).items()
]


def test_the_generated_files_are_fresh_and_there_is_no_other() -> None:
    made = dict(files())
    for path, text in made.items():
        assert (ROOT / path).read_text("utf-8") == text, "make dashboards"
    assert {path.relative_to(ROOT) for path in ROOT.rglob("*.json")} == set(made)


def test_every_text_has_a_chinese_one_and_none_is_left_over() -> None:
    asked: set[str] = set()

    def say(text: str) -> str:
        asked.add(text)
        return text

    words = Language("en", say)
    all_dashboards(words)
    folder_title(words)
    assert asked == chinese().keys()
    assert all(CJK.search(text) for text in chinese().values())


def test_an_english_dashboard_holds_no_chinese_and_reads_english_names() -> None:
    for name, made in all_dashboards(language("en")).items():
        assert not CJK.search(json.dumps(made, ensure_ascii=False)), name
    text = json.dumps(all_dashboards(language("en")))
    assert 'last(\\"label\\")' not in text
    assert 'last(\\"label_en\\")' in text


@pytest.mark.parametrize("made", EVERY)
def test_panels_have_ids_and_do_not_overlap(made: dict[str, Any]) -> None:
    taken: set[tuple[int, int]] = set()
    for place in (panel["gridPos"] for panel in made["panels"]):
        assert place["x"] + place["w"] <= 24
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken
        taken |= cells
    ids = [panel["id"] for panel in made["panels"]]
    assert ids == list(range(1, len(ids) + 1))


def test_a_row_that_is_too_wide_is_refused() -> None:
    panel = {"type": "text", "title": "wide"}
    with pytest.raises(ValueError, match="25 columns"):
        placed([(3, [(20, panel), (5, panel)])])


@pytest.mark.parametrize("made", EVERY)
def test_grafanas_own_classes_take_it(made: dict[str, Any]) -> None:
    read = Dashboard.from_json(made)
    assert read.uid == made["uid"]
    assert len(read.panels or []) == len(made["panels"])
    assert [variable.name for variable in read.templating.list_val] == [
        variable["name"] for variable in made["templating"]["list"]
    ]


def test_uids_are_stable_and_differ_between_the_languages() -> None:
    uids = {made["uid"] for code in LANGUAGES for made in all_dashboards(language(code)).values()}
    zh = {f"heatward-{name}" for name in BUILDERS}
    assert uids == zh | {f"{uid}-en" for uid in zh}


@pytest.mark.parametrize("made", EVERY)
def test_links_lead_to_dashboards_that_exist(made: dict[str, Any]) -> None:
    known = {one["uid"] for code in LANGUAGES for one in all_dashboards(language(code)).values()}
    for uid in re.findall(r"/d/([\w-]+)", json.dumps(made)):
        assert uid in known


@pytest.mark.parametrize("made", EVERY)
def test_nothing_is_green_where_nothing_is_known(made: dict[str, Any]) -> None:
    """Every number has thresholds of its own, and what lacks a value says so in words."""
    for panel in made["panels"]:
        defaults = panel["fieldConfig"]["defaults"]
        if panel["type"] == "stat":
            first = defaults["thresholds"]["steps"][0]
            assert first["value"] is None
            assert first["color"] != "green"
        if panel["type"] in ("stat", "geomap", "timeseries", "status-history"):
            assert defaults["noValue"], panel["title"]


@pytest.mark.parametrize("made", EVERY)
def test_panels_about_now_look_back_two_hours_only(made: dict[str, Any]) -> None:
    now = ("building_state", "area_state", "node_health", '"pipeline"')
    for panel in made["panels"]:
        if panel["type"] in ("stat", "geomap"):
            text = " ".join(target["query"] for target in panel["targets"])
            if any(name in text for name in now):
                assert panel["timeFrom"] == "2h", panel["title"]
                assert panel["hideTimeOverride"]


@pytest.mark.parametrize("made", EVERY)
def test_every_query_is_one_influxql_select_on_measurements_of_ours(made: dict[str, Any]) -> None:
    for what, query, _ in queries(made):
        assert query.startswith("SELECT "), what
        assert ";" not in query
        assert set(re.findall(r'FROM "(\w+)"', query)) <= {
            "place", "site", "building_state", "building_hour", "area_state", "area_day",
            "finding", "node_health", "pipeline", "pipeline_counter", "pipeline_stage",
            "pipeline_fault",
        }  # fmt: skip


@pytest.mark.parametrize("made", EVERY)
def test_no_address_leads_outside(made: dict[str, Any]) -> None:
    assert "http" not in re.sub(r"\$\{pages:raw\}", "", json.dumps(made))


def test_the_map_is_that_of_the_sample_district_and_fresh(tmp_path: Path) -> None:
    registry = Registry(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    spreadsheets.import_folder(registry, SAMPLE)
    drawn = outline(registry.directory())
    assert json.loads((ROOT / "maps" / "heatward.geojson").read_text("utf-8")) == drawn
    estates = registry.directory().tables["estate"]
    assert [feature["id"] for feature in drawn["features"]] == sorted(estates)
    for feature in drawn["features"]:
        (ring,) = feature["geometry"]["coordinates"]
        assert ring[0] == ring[-1]
        assert len(ring) == 5


def test_every_process_of_the_collector_has_a_name_on_the_line() -> None:
    text = json.dumps(all_dashboards(language("zh"))["pipeline"], ensure_ascii=False)
    for process in (*STAGES, "service", "disk"):
        assert re.search(f'"{process}": {{"index": \\d+, "text": "', text) or re.search(
            f'"{process}": {{"text": "', text
        ), process
