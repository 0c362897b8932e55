"""From when on days are refundable: the notice, the 48 hours after it, and the mending."""

import numpy as np
import pytest

from heatward_collector.core.refund import Notices, notified_days

COLD, WARM, MAYBE, SILENT = "c", "w", "m", "-"


def days(text: str, *told: tuple[int, int, int]) -> tuple[str, str]:
    """Return which days of one home are notified, certainly and possibly, as 1 and 0."""
    certain = np.array([[day == COLD for day in text]])
    possible = np.array([[day in (COLD, MAYBE) for day in text]])
    judged = np.array([[day != SILENT for day in text]])
    columns = zip(*((0, *one) for one in told), strict=True)
    notices = Notices(*(np.array(column, np.int32) for column in columns))
    both = notified_days(certain, possible, judged, notices)
    sure, maybe = ("".join("01"[int(day)] for day in one[0]) for one in both)
    return sure, maybe


@pytest.mark.parametrize(
    ("text", "told", "certain", "possible"),
    [
        ("cccccc", (1, 3, 4), "011111", "011111"),
        # Warm again when the 48 hours end: the notice was heeded.
        ("cccwwc", (1, 3, 4), "000000", "000000"),
        # Still cold on the day in which they end, but warm on the next: it may have been in time.
        ("ccccww", (1, 3, 4), "000000", "011111"),
        # Only perhaps below: only perhaps notified.
        ("ccmmmm", (1, 3, 4), "000000", "011111"),
        # The sensor was silent: what it said next counts, for so long as it may.
        ("cc--cc", (1, 3, 4), "000000", "011111"),
        ("c------c", (0, 2, 3), "00000000", "00000000"),
        # Mended for three days: then the supplier must be told again.
        ("ccccwwwcc", (0, 2, 3), "111111100", "111111100"),
        ("ccccwwcwwcc", (0, 2, 3), "11111111111", "11111111111"),
        # Days without a judgement neither mend nor break.
        ("ccccw-wwcc", (0, 2, 3), "1111111100", "1111111100"),
        # Given the evening before the season.
        ("cccc", (-1, 1, 2), "1111", "1111"),
        # Its 48 hours end before the season, or behind it.
        ("cccc", (-4, -2, -1), "0000", "0000"),
        ("cccc", (3, 5, 6), "0000", "0000"),
        # The last day of the season: nothing after it can make it certain.
        ("cccc", (1, 3, 4), "0000", "0111"),
        # Given at midnight: the 48 hours end where a day begins.
        ("cccww", (0, 2, 2), "11111", "11111"),
    ],
)
def test_a_notice_opens_days_where_the_home_is_still_below_after_48_hours(
    text: str, told: tuple[int, int, int], certain: str, possible: str
) -> None:
    assert days(text, told) == (certain, possible)


def test_a_second_notice_opens_what_the_first_one_no_longer_covers() -> None:
    assert days("cccwwwcccc", (0, 2, 3), (6, 8, 9)) == ("0000001111", "1111111111")
