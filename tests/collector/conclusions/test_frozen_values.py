"""Frozen dataclasses as JSON and arrays: what comes back is the same value."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.conclusions.frozen_values import decode, encode
from heatward_collector.core.suppression import Certainty, Exclusion, Finding, Kind, Level


@dataclass(frozen=True)
class Inner:
    level: Level
    share: float = float("nan")


@dataclass(frozen=True)
class Outer:
    grid: npt.NDArray[np.float32]
    inner: tuple[Inner, ...]
    pair: tuple[int, str]
    end_s: int | None = None
    newest: Inner | None = None
    facts: Mapping[str, float | str] = field(default_factory=dict)


def there_and_back(kind, value):
    arrays: list = []
    text = json.dumps(encode(value, arrays))
    return decode(kind, json.loads(text), arrays)


def test_arrays_nan_enums_and_nested_values_come_back() -> None:
    grid = np.array([[1.5, np.nan]], np.float32)
    inner = Inner(Level.ZONE, 0.1 + 0.2)
    value = Outer(grid, (inner, Inner(Level.HOME)), (3, "x"), None, inner, {"drop_kelvin": 0.25})
    back = there_and_back(Outer, value)
    assert back.grid is grid
    assert back.inner[0] == inner
    assert back.inner[1].level is Level.HOME
    assert np.isnan(back.inner[1].share)
    assert (back.pair, back.end_s, back.newest, back.facts) == ((3, "x"), None, inner, value.facts)


def test_numbers_of_numpy_become_plain_ones() -> None:
    back = there_and_back(Inner, Inner(Level.ROOM, np.float64(2.5)))
    assert back == Inner(Level.ROOM, 2.5)


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {"level": "cellar"},
        {"level": "zone", "colour": 1},
        {"share": 1.0},
    ],
)
def test_what_does_not_fit_the_type_is_a_value_error(data: object) -> None:
    with pytest.raises(ValueError):
        decode(Inner, data)


def test_a_missing_array_is_a_value_error() -> None:
    data = encode(Outer(np.zeros(2), (), (1, "a")), [])
    with pytest.raises(ValueError):
        decode(Outer, data, [])


numbers = st.floats(allow_nan=False, width=64)
findings = st.builds(
    Finding,
    kind=st.sampled_from(Kind),
    level=st.sampled_from(Level),
    place=st.text(),
    start_s=st.integers(0, 2**40),
    end_s=st.none() | st.integers(0, 2**40),
    detected_s=st.integers(0, 2**40),
    certainty=st.sampled_from(Certainty),
    buildings=st.lists(st.text()).map(tuple),
    affected=st.lists(st.text()).map(tuple),
    homes_judged=st.integers(0, 10**6),
    homes_silent=st.integers(0, 10**6),
    rule=st.text(),
    excluded=st.lists(
        st.builds(
            Exclusion,
            cause=st.text(),
            is_excluded=st.booleans(),
            facts=st.dictionaries(st.text(), numbers | st.text()),
        )
    ).map(tuple),
    evidence=st.dictionaries(st.text(), numbers | st.text()),
)


@given(findings)
def test_every_finding_comes_back(finding: Finding) -> None:
    assert there_and_back(Finding, finding) == finding
