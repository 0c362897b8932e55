"""Probes that are at another box than registered, in words; what was not heard accuses nobody."""

from __future__ import annotations

import pytest

from heatward_collector.enrolment.belonging import Misplaced, Probe, misplaced, registered
from heatward_collector.enrolment.boxes import Heard, Said
from heatward_collector.enrolment.roll_call import answer_of
from heatward_node.reading import Quality

NOW = 1_793_000_000
LIVING, BEDROOM = "28-0000e3117e8d", "28-00008aa020f2"
OWNERS = {LIVING: "n0001", BEDROOM: "n0001"}


def said(node: str, sensor: str, ago_s: int = 60, quality: Quality = Quality.GOOD) -> Said:
    return Said(node, sensor, quality, NOW - ago_s)


FINE = [said("n0001", LIVING), said("n0001", BEDROOM)]


def test_probes_at_their_own_box_are_no_matter() -> None:
    assert misplaced("n0001", OWNERS, FINE) == []


def test_a_probe_that_was_carried_to_another_box_is_told_at_both() -> None:
    words = [
        said("n0001", BEDROOM),
        said("n0001", LIVING, 120, Quality.SENSOR_GONE),
        said("n0002", LIVING),
    ]
    assert misplaced("n0001", OWNERS, words) == [Probe(LIVING, Misplaced.AT_ANOTHER_BOX, "n0002")]
    assert misplaced("n0002", OWNERS, words) == [Probe(LIVING, Misplaced.OF_ANOTHER_BOX, "n0001")]


def test_a_probe_whose_box_was_restarted_without_it_is_told_too() -> None:
    words = [said("n0001", BEDROOM), said("n0001", LIVING, 9_000), said("n0002", LIVING)]
    assert misplaced("n0001", OWNERS, words) == [Probe(LIVING, Misplaced.AT_ANOTHER_BOX, "n0002")]


def test_two_probes_that_were_exchanged_between_boxes_are_told_at_both() -> None:
    owners = {LIVING: "n0001", BEDROOM: "n0002"}
    words = [
        said("n0001", BEDROOM),
        said("n0002", LIVING),
        said("n0001", LIVING, 2_400, Quality.SENSOR_GONE),
        said("n0002", BEDROOM, 2_400, Quality.SENSOR_GONE),
    ]
    for node, own, other in (("n0001", LIVING, BEDROOM), ("n0002", BEDROOM, LIVING)):
        found = {one.sensor: one.what for one in misplaced(node, owners, words)}
        assert found == {own: Misplaced.AT_ANOTHER_BOX, other: Misplaced.OF_ANOTHER_BOX}


def test_one_number_that_two_boxes_hear_at_once_is_a_copied_part() -> None:
    words = [*FINE, said("n0002", LIVING, 200)]
    assert misplaced("n0001", OWNERS, words) == [Probe(LIVING, Misplaced.TWIN, "n0002")]
    assert misplaced("n0002", OWNERS, words) == [Probe(LIVING, Misplaced.TWIN, "n0001")]


def test_where_a_probe_was_once_does_not_count() -> None:
    words = [*FINE, said("n0002", LIVING, 40 * 86_400), said("n0002", "28-000000000001")]
    assert misplaced("n0001", OWNERS, words) == []
    assert misplaced("n0002", {**OWNERS, "28-000000000001": "n0002"}, words) == []


def test_a_registered_probe_that_never_answered_is_missed_once_its_box_is_heard() -> None:
    assert misplaced("n0001", OWNERS, [said("n0001", BEDROOM)]) == [Probe(LIVING, Misplaced.SILENT)]
    assert misplaced("n0001", OWNERS, []) == []
    assert misplaced("n0001", OWNERS, [said("n0002", "28-000000000001")]) == []


def test_a_fault_that_names_the_probe_is_not_said_twice() -> None:
    words = [said("n0001", BEDROOM), said("n0001", LIVING, 60, Quality.CRC_ERROR)]
    assert misplaced("n0001", OWNERS, words) == []


def test_a_probe_that_nobody_registered_is_told_and_one_without_a_box_is_not() -> None:
    new = "28-000000000001"
    assert misplaced("n0001", OWNERS, [*FINE, said("n0001", new)]) == [
        Probe(new, Misplaced.UNLISTED)
    ]
    assert misplaced("n0001", {**OWNERS, new: ""}, [*FINE, said("n0001", new)]) == []


def test_registered_is_what_holds_now() -> None:
    room, new = {"target_kind": "room"}, "28-000000000001"
    rows = [
        {"sensor": LIVING, "node": "n0009", "from_s": 0, "to_s": NOW - 1, **room},
        {"sensor": LIVING, "node": "n0001", "from_s": NOW - 1, "to_s": None, **room},
        {"sensor": BEDROOM, "node": None, "from_s": 0, "to_s": None, **room},
        {"sensor": new, "node": "n0001", "from_s": NOW + 1, "to_s": None, **room},
        {"sensor": "28-2", "node": "n0001", "from_s": 0, "to_s": None, "target_kind": "bench"},
    ]
    assert registered(rows, NOW) == {LIVING: "n0001", BEDROOM: "", "28-2": ""}


@pytest.mark.parametrize("what", Misplaced)
def test_the_roll_call_says_it_in_both_languages(what: Misplaced) -> None:
    heard = [Heard(LIVING, Quality.GOOD, NOW - 60)]
    answer = answer_of("n0001", True, heard, NOW, [Probe(LIVING, what, "n0002")])
    assert not answer.is_ready
    assert LIVING in answer.zh
    assert LIVING in answer.en
    assert ("n0002" in answer.en) is (what not in (Misplaced.SILENT, Misplaced.UNLISTED))
