"""Tables that leave the house: what looks like a formula stays a text."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from heatward_collector.papers.sheets import Sheet, csv_bytes, write_workbook

EVIL = ('=HYPERLINK("http://example.org")', "+1", "-1+2", "@SUM(A1)", "＝1", "'=1")


def test_no_cell_of_a_workbook_is_a_formula(tmp_path):
    sheet = Sheet(EVIL[0], EVIL, [EVIL], EVIL)
    write_workbook(tmp_path / "a.xlsx", [sheet])
    page = load_workbook(tmp_path / "a.xlsx").worksheets[0]
    cells = [cell for row in page.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(str(cell.value).startswith("'") for cell in cells)


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=9)))
def test_no_cell_of_a_csv_begins_like_a_formula(texts):
    data = csv_bytes(Sheet("t", tuple(texts), [texts])).decode("utf-8-sig")
    assert not any(
        line.startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")) for line in data.splitlines()
    )


def test_days_times_numbers_and_gaps_keep_their_kind(tmp_path):
    moment = datetime(2021, 11, 1, 8, 30, tzinfo=UTC)
    row = (date(2021, 11, 1), moment, 3, 1.5, None, "冷山")
    sheet = Sheet("表/一", ("日", "时", "数", "元", "空", "文"), [row], ("说明",))
    write_workbook(tmp_path / "a.xlsx", [sheet])
    page = load_workbook(tmp_path / "a.xlsx").worksheets[0]
    values = [cell.value for cell in page[3]]
    naive = moment.replace(tzinfo=None)
    assert values == [naive.replace(hour=0, minute=0), naive, 3, 1.5, None, "冷山"]
    assert csv_bytes(sheet).decode("utf-8-sig").splitlines()[1] == (
        "2021-11-01,2021-11-01 08:30,3,1.50,,冷山"
    )


def test_a_row_that_does_not_fit_its_columns_is_a_mistake():
    with pytest.raises(ValueError, match="a row of 1 for 2"):
        Sheet("t", ("a", "b"), [("x",)])
