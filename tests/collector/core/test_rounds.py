"""Which doors a round visits, and in which order."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.core.rounds import Door, plan, urgency

COLD = Door("h1", "b1", "e1", below_days=3, lack_kelvin=2.0)


def test_a_warm_home_without_complaints_is_left_in_peace():
    assert urgency(Door("h1", "b1", "e1")) == 0
    assert plan([Door("h1", "b1", "e1")], 5) == []


def test_colder_homes_cases_complaints_and_silence_make_a_visit_more_urgent():
    assert urgency(COLD) == 8.0
    assert urgency(replace(COLD, lack_kelvin=9.0)) == 10.0
    assert urgency(replace(COLD, has_case=True)) == 11.0
    assert urgency(replace(COLD, complaints=9)) == 14.0
    assert urgency(replace(COLD, is_silent=True)) == 9.5


def test_what_was_measured_officially_this_week_can_wait():
    assert urgency(replace(COLD, checked_days_ago=2)) == 2.0
    assert urgency(replace(COLD, checked_days_ago=7)) == 8.0


def test_a_building_with_complaints_and_no_sensor_is_visited_too():
    assert urgency(Door("", "b9", "e9", complaints=1)) == 3.0


def test_doors_of_a_building_are_visited_together_and_the_worst_estate_first():
    doors = [
        replace(COLD, home="h1", building="b1", estate="e1", below_days=1),
        replace(COLD, home="h2", building="b2", estate="e2", below_days=3),
        replace(COLD, home="h3", building="b1", estate="e1", below_days=2),
        replace(COLD, home="h4", building="b3", estate="e2", below_days=1),
    ]
    assert [door.home for door in plan(doors, 9)] == ["h2", "h4", "h3", "h1"]


def test_one_building_does_not_fill_a_round_while_others_wait():
    many = [replace(COLD, home=f"h{n}", below_days=3) for n in range(9)]
    other = replace(COLD, home="x", building="b2", below_days=0, lack_kelvin=0.5)
    assert "x" in [door.home for door in plan([*many, other], 5)]
    assert len(plan(many, 9)) == 9


DOORS = st.builds(
    Door,
    st.sampled_from("abcdefgh"),
    st.sampled_from(["b1", "b2", "b3"]),
    st.sampled_from(["e1", "e2"]),
    below_days=st.integers(0, 3),
    lack_kelvin=st.floats(0, 6),
    complaints=st.integers(0, 4),
    has_case=st.booleans(),
)


@given(st.lists(DOORS, max_size=12), st.integers(1, 6), st.randoms(use_true_random=False))
def test_the_order_of_what_is_given_changes_nothing(doors, most, random):
    doors = list({(door.home, door.building, door.estate): door for door in doors}.values())
    shuffled = list(doors)
    random.shuffle(shuffled)
    chosen = plan(doors, most)
    assert [urgency(door) for door in chosen] == [urgency(door) for door in plan(shuffled, most)]
    assert len(chosen) <= most
    buildings = [(door.estate, door.building) for door in chosen]
    assert len(set(buildings)) == sum(
        one != before for one, before in zip(buildings, [None, *buildings], strict=False)
    )
