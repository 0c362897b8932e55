"""Curves around a finding: whose they are, and what of them everybody may see."""

import numpy as np

from heatward_collector.api.findings.finding_curves import chosen, for_everybody, home_curves
from heatward_collector.core.suppression import Level, Network
from heatward_collector.explain.plot import Curves

NAN = np.nan


def network(sources: list[int], buildings: list[int]) -> Network:
    return Network(
        homes=tuple(f"h{index:03d}" for index in range(len(sources))),
        places={
            Level.SOURCE: tuple(f"q{one}" for one in range(max(sources) + 1)),
            Level.BUILDING: tuple(f"b{one}" for one in range(max(buildings) + 1)),
        },
        of_home={
            Level.SOURCE: np.array(sources, np.int32),
            Level.BUILDING: np.array(buildings, np.int32),
        },
        is_floor_heated=np.zeros(len(sources), bool),
    )


def test_homes_of_the_place_and_of_other_sources_are_drawn() -> None:
    whole = network([0] * 4 + [1] * 6, [0, 0, 1, 1] + [2] * 6)
    drawn = chosen(whole, ["h000"], Level.BUILDING, "b0")
    assert drawn.homes == ("h000", "h001", *(f"h{index:03d}" for index in range(4, 10)))
    assert drawn.of_home[Level.SOURCE].tolist() == [0, 0] + [1] * 6


def test_without_another_source_other_buildings_are_the_control_group() -> None:
    whole = network([0] * 9, [0] * 3 + [1] * 6)
    drawn = chosen(whole, ["h000"], Level.BUILDING, "b0")
    assert len(drawn.homes) == 9


def test_fewer_than_five_homes_are_no_control_group() -> None:
    whole = network([0] * 3 + [1] * 4, [0] * 3 + [1] * 4)
    drawn = chosen(whole, ["h000", "h001"], Level.SOURCE, "q0")
    assert drawn.homes == ("h000", "h001", "h002")


def test_of_many_homes_an_even_choice_is_drawn() -> None:
    whole = network([0] * 500 + [1] * 500, [0] * 500 + [1] * 500)
    drawn = chosen(whole, whole.homes[:200], Level.SOURCE, "q0")
    assert len(drawn.homes) == 60 + 60 + 40
    assert drawn.homes[0] == "h000"
    assert "h199" in drawn.homes


def test_a_home_is_the_median_of_its_rooms_by_quarters_of_an_hour() -> None:
    times = np.array([0, 300, 600, 900, 2000], np.int64)
    one = (times, np.array([20.0, 21.0, 22.0, NAN, 24.0]))
    other = (times[:3], np.array([22.0, 23.0, 24.0]))
    curves = home_curves([[one, other], [], [one]], 0, 3)
    assert curves.shape == (3, 3)
    np.testing.assert_allclose(curves[0], [22.0, NAN, 21.0])
    assert np.isnan(curves[1]).all()
    np.testing.assert_allclose(curves[2, 2], 24.0)


def test_without_a_room_there_is_no_curve() -> None:
    assert np.isnan(home_curves([[], []], 0, 4)).all()


def curves(homes: np.ndarray) -> Curves:
    steps, count = homes.shape
    nothing = np.full(steps, NAN)
    fell = np.arange(count) < count - 1
    return Curves(900 * np.arange(steps, dtype=np.int64), homes, fell, nothing, nothing)


def test_everybody_sees_the_median_of_five_or_more_and_nothing_of_fewer() -> None:
    homes = np.tile(np.array([20.0, 21.0, 22.0, 23.0, 24.0, 30.0]), (3, 1))
    homes[1, 0] = NAN
    shown = for_everybody(curves(homes), 5)
    assert shown is not None
    np.testing.assert_array_equal(shown.homes, [[22.0], [NAN], [22.0]])
    assert shown.fell.tolist() == [True]
    assert for_everybody(curves(homes), 4) is None
