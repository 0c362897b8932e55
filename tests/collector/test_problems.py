"""A refusal names every kind of mistake, also where one of them stands in every line."""

import pytest

from heatward_collector.errors import ImportRefused
from heatward_collector.problems import MOST_IN_FULL, MOST_LISTED, Problems


def test_few_of_a_kind_are_listed_as_they_are():
    texts = [f"home.csv:{line}: floor (楼层): '{line}x' 不是 / is none" for line in (2, 9)]
    assert Problems(texts).lines() == texts


def test_many_of_a_kind_leave_room_for_the_others():
    texts = [f"home.csv:{line}: floor (楼层): 'x{line}' 不是 / is none" for line in range(2, 50)]
    texts.insert(20, "home.csv:30: zone (水力分区): 不能为空 / must not be empty")
    found = Problems(texts).lines()
    assert found[:MOST_IN_FULL] == texts[:MOST_IN_FULL]
    assert found[MOST_IN_FULL:] == [
        "home.csv:5: floor (楼层): 同样有误，共 45 处，至第 49 行 / "
        "wrong in the same way, 45 of them, up to line 49",
        texts[20],
    ]


def test_the_same_mistake_in_other_columns_and_files_is_counted_apart():
    texts = [f"a.csv:{line}: id (编号): 'x' 不是 / is no id" for line in range(2, 6)]
    texts += ["b.csv:7: home (户): 'y' 不是 / is no id"]
    assert Problems(texts).lines()[MOST_IN_FULL:] == [
        "a.csv:5: id (编号): 同样有误 / wrong in the same way",
        "b.csv:7: home (户): 同样有误 / wrong in the same way",
    ]


def test_what_has_no_line_is_kept():
    texts = ["没有 / nothing", "a.csv: b-1: 时间重叠 / overlaps"] * 5
    found = Problems(texts).lines()
    assert found.count(texts[0]) == 5
    assert found[-1] == "a.csv: 同样有误，共 2 处 / wrong in the same way, 2 of them"


def test_too_many_kinds_are_full_and_say_so():
    found = Problems(f"a.csv:1: {'x' * kind} 错 / wrong" for kind in range(MOST_LISTED - 1))
    assert not found.full
    found.append("a.csv:2: 又一种 / another")
    assert found.full
    assert len(found.lines()) == MOST_LISTED + 1
    assert "not listed" in found.lines()[-1]


def test_only_what_is_wrong_is_refused():
    Problems().refuse()
    with pytest.raises(ImportRefused) as refused:
        Problems(["a.csv:1: 错 / wrong"]).refuse()
    assert refused.value.problems == ("a.csv:1: 错 / wrong",)
