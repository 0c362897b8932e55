"""Bars are as long as their numbers, parts keep their colour, and words are only words."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from heatward_collector.bench.stacked_bars import COLOURS, stacked_bars

SVG = "{http://www.w3.org/2000/svg}"
ROWS = [("1,000", {"ingest": 10.0, "view": 5.0}), ("10,000", {"view": 10.0, "ingest": 20.0})]


def bars(svg: str) -> list[tuple[str, float, float]]:
    """Return colour, begin and length of every part of a bar."""
    found = ElementTree.fromstring(svg).iter(f"{SVG}rect")
    return [
        (one.attrib["fill"], float(one.attrib["x"]), float(one.attrib["width"]))
        for one in found
        if one.attrib["height"] == "18"
    ]


def test_parts_follow_each_other_on_one_scale_and_keep_their_colours():
    drawn = bars(stacked_bars("cost", "us", ROWS))
    ingest, view = COLOURS[:2]
    assert drawn == [
        (ingest, 170.0, 160.0),
        (view, 330.0, 80.0),
        (view, 170.0, 160.0),
        (ingest, 330.0, 320.0),
    ]


def test_every_bar_says_its_name_and_its_number():
    texts = [
        one.text for one in ElementTree.fromstring(stacked_bars("a", "us", ROWS)).iter(f"{SVG}text")
    ]
    assert texts == ["a [us]", "ingest", "view", "1,000", "15", "10,000", "30"]


def test_what_looks_like_markup_is_text():
    svg = stacked_bars("<a> & b", "us", [("<script>", {"&": 0.0})])
    assert "<script>" not in svg
    assert ElementTree.fromstring(svg).findtext(f"{SVG}title") == "<a> & b"


def test_nothing_measured_is_no_picture():
    with pytest.raises(ValueError, match="nothing was measured"):
        stacked_bars("a", "us", [])
