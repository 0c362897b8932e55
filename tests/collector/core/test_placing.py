"""When a reading was taken, from what its record and its boot's fixes say."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.core.placing import NO_FIXES, UNPLACED, place, sorted_fixes

BOOT_S = 1_700_000_000
"""When the boot of these tests began."""
RECEIVED_S = BOOT_S + 500_000


def placed(mono_s, wall_s=None, fixes=NO_FIXES, received_s=RECEIVED_S):
    time_s, error_s = place(
        np.array([round(mono_s * 1000)]),
        np.array([0 if wall_s is None else wall_s]),
        np.array([wall_s is not None]),
        received_s,
        fixes,
    )
    return int(time_s[0]), float(error_s[0])


def fixes_at(*mono_s, error_s=0.5):
    return sorted_fixes({(one * 1000, BOOT_S + one, error_s) for one in mono_s})


def test_a_synchronised_wall_time_counts_however_old_it_is():
    in_2016 = 1_460_000_000
    assert placed(100, in_2016, received_s=1_790_000_000)[0] == in_2016


def test_a_wall_time_may_be_two_minutes_ahead_of_its_receipt_and_no_more():
    assert placed(1, RECEIVED_S + 120)[0] == RECEIVED_S + 120
    assert placed(1, RECEIVED_S + 121)[0] == UNPLACED


def test_without_wall_time_the_first_fix_at_or_after_the_reading_counts():
    fixes = sorted_fixes({(1000_000, BOOT_S + 1000, 0.5), (9000_000, BOOT_S + 9050, 0.5)})
    assert placed(400, fixes=fixes)[0] == BOOT_S + 400
    assert placed(1000, fixes=fixes)[0] == BOOT_S + 1000
    assert placed(1001, fixes=fixes)[0] == BOOT_S + 1051


def test_a_reading_after_the_last_fix_is_unplaced():
    time_s, error_s = placed(1001, fixes=fixes_at(1000))
    assert time_s == UNPLACED
    assert np.isnan(error_s)


def test_the_error_grows_by_100_ppm_of_the_distance():
    _, error_s = placed(0, fixes=fixes_at(100_000, error_s=0.5))
    assert error_s == 0.5 + 10


def test_a_wall_time_before_its_boot_is_not_believed_and_the_fix_decides():
    ten_years = 315_360_000
    fixes = fixes_at(50, 3600)
    assert placed(100, BOOT_S + 100 - ten_years, fixes)[0] == BOOT_S + 100
    assert placed(3700, BOOT_S + 3700 - ten_years, fixes)[0] == UNPLACED


def test_a_wall_time_may_lag_two_minutes_behind_the_fix_before_it_and_no_more():
    fixes = fixes_at(100, 3600)
    assert placed(200, BOOT_S + 200 - 120, fixes)[0] == BOOT_S + 80
    assert placed(200, BOOT_S + 200 - 122, fixes)[0] == BOOT_S + 200
    assert placed(3700, BOOT_S + 100, fixes)[0] == UNPLACED
    assert placed(50, BOOT_S - 100, fixes)[0] == BOOT_S - 100  # no fix before it


def test_a_fix_that_lags_behind_an_earlier_one_counts_for_nothing():
    hour = 3_600
    lying = (5_000_000, BOOT_S + 5_000 - hour, 0.5)
    right = (9_000_000, BOOT_S + 9_000, 0.5)
    fixes = sorted_fixes({(100_000, BOOT_S + 100, 0.5), lying, right})
    assert fixes.mono_ms.tolist() == [100_000, 9_000_000]
    assert placed(5_100, BOOT_S + 5_100 - hour, fixes)[0] == BOOT_S + 5_100
    assert placed(9_100, BOOT_S + 9_100, fixes)[0] == BOOT_S + 9_100


def test_a_time_service_that_lies_little_by_little_is_found_out_after_two_minutes():
    """Each hour takes back one minute: no fix lags far behind the one before it."""
    hour, minute = 3_600, 60
    lies = {(k * hour * 1000, BOOT_S + k * (hour - minute), 0.5) for k in range(1, 121)}
    fixes = sorted_fixes(lies | {(121 * hour * 1000, BOOT_S + 121 * hour, 0.5)})
    assert fixes.mono_ms.tolist() == [hour * 1000 * k for k in (1, 2, 3, 121)]
    for k in (2, 3, 5, 60, 120):
        at = k * hour + 10
        time_s, _ = placed(at, BOOT_S + k * (hour - minute) + 10, fixes)
        assert abs(time_s - (BOOT_S + at)) <= 3 * minute
    assert placed(60 * hour, BOOT_S + 60 * (hour - minute), fixes)[0] == BOOT_S + 60 * hour


def test_a_clock_that_is_set_forward_is_believed_from_then_on():
    fixes = sorted_fixes({(100_000, BOOT_S + 100 - 86_400, 0.5), (200_000, BOOT_S + 200, 0.5)})
    assert placed(300, BOOT_S + 300, fixes)[0] == BOOT_S + 300


def test_the_crystal_of_a_month_is_no_lag():
    month = 30 * 86_400
    slow = round(month * (1 + 90e-6))  # its monotonic clock runs 90 ppm fast
    fixes = sorted_fixes({(0, BOOT_S, 0.5), (slow * 1000, BOOT_S + month, 0.5)})
    assert len(fixes.mono_ms) == 2
    now = BOOT_S + month + 10
    assert placed(slow + 10, now, fixes, received_s=now)[0] == now


def test_a_fix_that_would_place_a_reading_in_the_future_places_nothing():
    assert placed(10, fixes=sorted_fixes({(20_000, RECEIVED_S + 1000, 0.5)}))[0] == UNPLACED


def test_of_fixes_at_the_same_moment_the_surest_counts():
    fixes = sorted_fixes({(1000, 500, 3.0), (1000, 700, 0.5), (1000, 600, 2.0)})
    assert fixes.wall_s.tolist() == [700]


def test_nothing_is_placed_as_nothing():
    time_s, error_s = place(
        np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, bool), 0.0, fixes_at(1)
    )
    assert len(time_s) == len(error_s) == 0


@given(
    st.lists(st.integers(0, 400_000), min_size=1, max_size=20),
    st.lists(st.tuples(st.integers(0, 400_000), st.booleans()), min_size=1, max_size=20),
    st.randoms(),
)
def test_a_reading_lies_within_its_error_whatever_the_order_of_fixes(fixes, readings, random):
    """A clock that runs 80 ppm fast is never placed outside the bound that goes with it."""

    def mono_of(true_s):
        return round(true_s * (1 + 80e-6) * 1000)

    shuffled = [(mono_of(true), BOOT_S + true, 0.5) for true in fixes]
    random.shuffle(shuffled)
    sorted_set = sorted_fixes(set(shuffled))
    true_s = np.array([true for true, _ in readings])
    time_s, error_s = place(
        np.array([mono_of(true) for true, _ in readings]),
        BOOT_S + true_s,
        np.array([synchronised for _, synchronised in readings]),
        RECEIVED_S,
        sorted_set,
    )
    known = time_s != UNPLACED
    assert known.tolist() == [s or true <= max(fixes) for true, s in readings]
    assert (np.abs(time_s - BOOT_S - true_s)[known] <= error_s[known] + 0.5).all()
