"""A block says of each place what a row would."""

from __future__ import annotations

import dataclasses
import json

import numpy as np

from heatward_collector.conclusions.verdict_blocks import KeptBlock, VerdictBlock, text_of

WORDS, REASONS = ["not_judgeable", "met", "below"], ["", "outdoor", "room_use"]


def block(places: str, word: int = 1, mean: float = 20.5, **more: np.ndarray) -> VerdictBlock:
    names, count = places.split(), len(places.split())
    facts = {
        "mean": np.full(count, mean),
        "calibrated": np.arange(count) % 2 == 0,
        "hours_stuck": np.arange(count, dtype=np.uint8),
        "not_judged": np.full(count, 2, np.uint8) if not word else np.zeros(count, np.uint8),
        "refund_hours/20.0": np.tile([1.0, 2.0], (count, 1)),
        "refund_hours/16.0": np.zeros((count, 2)),
    }
    words = np.full(count, word, np.uint8)
    return VerdictBlock(
        "room", "2026-01-05", "rule", names, WORDS, words, REASONS, {**facts, **more}
    )


def test_a_place_is_said_with_its_facts_and_nothing_that_it_has_not() -> None:
    hours = {"20.0": [1.0, 2.0], "16.0": [0.0, 0.0]}
    first, second = block("r1 r2").rows()
    assert first == ("r1", "met", {"mean": 20.5, "calibrated": True, "refund_hours": hours})
    assert second[2] == {
        "mean": 20.5, "calibrated": False, "hours_stuck": 1, "refund_hours": hours
    }  # fmt: skip
    ((place, word, facts),) = block("r1 r2", 0, float("nan")).rows(np.array([1]))
    assert (place, word, facts["mean"], facts["not_judged"]) == (
        *("r2", "not_judgeable", None, "room_use"),
    )
    assert [type(facts[name]) for name in ("calibrated", "hours_stuck")] == [bool, int]


def test_places_are_found_and_others_are_not() -> None:
    some = block("r1 r3 r5")
    assert some.places_of(["r5", "r0", "r1", "r2", "r9"]).tolist() == [0, 2]
    assert [one.tolist() for one in some.shared(block("r2 r3 r5"))] == [[1, 2], [1, 2]]
    assert [one.tolist() for one in some.shared(block("r1 r3 r5"))] == [[0, 1, 2], [0, 1, 2]]


def test_only_what_somebody_can_see_is_another_thing_to_say() -> None:
    one, both = block("r1 r2"), np.arange(2)
    changed = one.facts["refund_hours/20.0"].copy()
    changed[1, 1] = 3.0
    others = {
        "nothing": (block("r1 r2"), [True, True]),
        "a word": (block("r1 r2", 2), [False, False]),
        "a number": (block("r1 r2", mean=float("nan")), [False, False]),
        "a part": (block("r1 r2", **{"refund_hours/20.0": changed}), [True, False]),
        "one fact more": (block("r1 r2", more=np.zeros(2)), [False, False]),
        "the rule": (dataclasses.replace(one, rule="another"), [False, False]),
    }
    for what, (other, same) in others.items():
        assert one.unchanged(both, other, both).tolist() == same, what
    unknown = block("r1 r2", mean=float("nan"))
    assert unknown.unchanged(both, block("r1 r2", mean=float("nan")), both).all()


def test_a_kept_block_comes_back_as_it_was() -> None:
    one = block("r1 \u697c2", 0, float("nan"))
    numbers = np.array([1, 2]), np.array([100, 200]), np.array([7, 7])
    back = KeptBlock.unpacked(KeptBlock(one, *numbers).packed())
    assert back.block.rows() == one.rows()
    fields = ("level", "day", "rule", "places", "words", "reasons")
    assert [getattr(back.block, name) for name in fields] == [getattr(one, name) for name in fields]
    assert [back.revision.tolist(), back.judged_at.tolist(), back.batch.tolist()] == [
        one.tolist() for one in numbers
    ]


def test_facts_are_kept_as_ascii_with_their_keys_in_order() -> None:
    facts = {
        "outdoor_source": "\u54c8\u5c14\u6ee8",
        "mean": 20.0,
        "hours": {"20.0": [1.0], "16.0": []},
    }
    assert text_of(facts) == json.dumps(facts, separators=(",", ":"), sort_keys=True)
    plain = {"b": True, "a": [0.0001, None, -0.0]}
    assert text_of(plain) == '{"a":[0.0001,null,-0.0],"b":true}'
