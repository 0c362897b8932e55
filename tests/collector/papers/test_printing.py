"""Printed pages: texts are set as they are, and a missing font comes with its remedy."""

import pytest

from heatward_collector.papers import printing

PAGE = {
    "title": "#panic() 示例",
    "subtitle": "$x$ *not bold*",
    "footer": '#include "/etc/passwd"',
    "lang": "zh",
    "region": "cn",
    "facts": [["#eval(1)", "= no heading"]],
    "parts": [],
    "seal_title": "",
    "seal": "",
    "verify": [],
}


def test_no_text_is_run_as_code():
    assert printing.print_pages("evidence", PAGE, 0).startswith(b"%PDF")


def test_the_same_page_gives_the_same_bytes():
    assert printing.print_pages("evidence", PAGE, 7) == printing.print_pages("evidence", PAGE, 7)


def test_without_a_chinese_font_the_remedy_is_named():
    with pytest.raises(printing.FontMissing, match="apt-get install fonts-noto-cjk"):
        printing.chinese_font({"DejaVu Sans"})
    assert printing.chinese_font({"DejaVu Sans", "PingFang SC"}) == "PingFang SC"
