"""What each role's scope reaches in the sample district."""

from pathlib import Path

import pytest

from heatward_collector.accounts import Reach, Role, Viewer
from heatward_collector.registry import Registry, spreadsheets

SAMPLE = Path(spreadsheets.__file__).with_name("sample")


@pytest.fixture(scope="module")
def reach(tmp_path_factory) -> Reach:
    registry = Registry(f"sqlite:///{tmp_path_factory.mktemp('reach') / 'r.sqlite'}")
    spreadsheets.import_folder(registry, SAMPLE)
    return Reach(registry.directory())


@pytest.mark.parametrize(
    ("role", "scope", "seen", "hidden"),
    [
        (Role.STREET, "st-songhua", "building:b001 estate:es-jiangpan", "building:b009"),
        (Role.STREET, "st-songhua", "source:so-qingsong zone:z-jiangpan-low", "zone:z-dingxiang"),
        (Role.STREET, "st-songhua", "supplier:su-qingsong", "supplier:su-beichen"),
        (Role.STREET, "st-songhua", "stairwell:b001-u1", "home:h0001 room:h0001-r1 node:n0001"),
        (Role.DISTRICT, "sample", "building:b001 building:b009", "district:other"),
        (Role.DISTRICT, "other", "", "building:b001 source:so-beichen district:sample"),
        (Role.SUPPLIER, "su-beichen", "building:b009 estate:es-dingxiang", "building:b001"),
        (Role.SUPPLIER, "su-beichen", "substation:ss-dingxiang", "substation:ss-jiangpan"),
        (Role.SUPPLIER, "su-beichen", "", "home:h0040 room:h0040-r1 supplier:su-qingsong"),
        (Role.VOLUNTEER, "es-jiangpan", "home:h0001 node:n0001 room:h0001-r1", "building:b009"),
        (Role.VOLUNTEER, "es-dingxiang", "building:b009", "home:h0001 node:n0001"),
        (Role.RESIDENT, "h0001", "home:h0001 room:h0001-r1 node:n0001", "home:h0002"),
        (Role.RESIDENT, "h0001", "", "room:h0002-r1 node:n0002 building:b009"),
        (Role.CITY, "", "building:b001 district:sample", "home:h0001 room:h0001-r1"),
        (Role.VISITOR, "", "building:b001", "home:h0001 room:h0001-r1 node:n0001"),
        (Role.OPERATOR, "", "building:b001 home:h0001 node:n0001", ""),
        (Role.ANYBODY, "", "", "building:b001 district:sample home:h0001"),
    ],
)
def test_a_scope_reaches_its_own_and_nothing_else(
    reach: Reach, role: Role, scope: str, seen: str, hidden: str
) -> None:
    viewer = Viewer(role, scope)
    assert [one for one in seen.split() if not reach.sees(viewer, *one.split(":"))] == []
    assert [one for one in hidden.split() if reach.sees(viewer, *one.split(":"))] == []


def test_an_account_without_its_place_in_the_registry_reaches_nothing(reach: Reach) -> None:
    for role in (Role.DISTRICT, Role.STREET, Role.VOLUNTEER, Role.SUPPLIER, Role.RESIDENT):
        for scope in ("", "gone"):
            viewer = Viewer(role, scope)
            assert not reach.sees(viewer, "building", "b001")
            assert not reach.sees(viewer, "building", "unknown")
            assert not reach.sees(viewer, "nonsense", "")
