"""The sample city with a second district: one heat source, rooms of which lie in both."""

from __future__ import annotations

from heatward_collector.registry import Registry, spreadsheets
from support.evidence import SAMPLE

SAMPLE_DISTRICT, NORTH = "sample", "north"
DISTRICTS = (SAMPLE_DISTRICT, NORTH)
NORTHERN_STREETS = frozenset({"st-bingxue", "st-dingxiang"})
BUILDINGS = {SAMPLE_DISTRICT: "b001", NORTH: "b004"}
"""One building of each; both are heated by so-qingsong."""
HOMES = {
    SAMPLE_DISTRICT: ("h0001", "h0002", "h0003", "h0004", "h0006"),
    NORTH: ("h0018", "h0019", "h0020", "h0021", "h0022", "h0023"),
}
"""Homes of those buildings, each with heating and a node of its own."""


def registry_of_two(url: str) -> Registry:
    """Return a registry with the sample as two districts; it may be there already."""
    registry = Registry(url)
    spreadsheets.import_folder(registry, SAMPLE)
    put_two_districts(registry)
    return registry


def put_two_districts(registry: Registry) -> None:
    """Let some streets of the sample form a district of their own."""
    whole = registry.directory()
    northern = {
        point.id
        for point in whole.points
        if not point.is_outdoor and point.street in NORTHERN_STREETS
    }
    nodes = {row["node"] for row in whole.assignments() if row["target"] in northern}
    tables = whole.tables
    department = dict(tables["person"]["p-department"])
    registry.put(
        {
            "district": [{"id": NORTH, "name_zh": "北区", "name_en": "North District"}],
            "street": [{**tables["street"][one], "district": NORTH} for one in NORTHERN_STREETS],
            "node": [{**tables["node"][one], "district": NORTH} for one in nodes if one],
            "person": [{**department, "id": "p-department-north", "subject": NORTH}],
        }
    )
