"""What places are called on a map."""

from __future__ import annotations

import pytest

from heatward_collector.display.areas import name_on_map


@pytest.mark.parametrize(
    ("building", "estate", "short"),
    [
        ("丁香苑5号楼", "丁香苑", "5号楼"),
        ("Lilac Court, No. 5", "Lilac Court", "No. 5"),
        ("5号楼", "丁香苑", "5号楼"),
        ("丁香苑", "丁香苑", "丁香苑"),
    ],
)
def test_a_building_is_called_by_what_its_estate_does_not_say(
    building: str, estate: str, short: str
) -> None:
    assert name_on_map(building, estate) == short
