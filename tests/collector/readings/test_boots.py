"""Boots by their sources: the answers of plain mappings, for any names and any number."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from heatward_collector.readings import boots as module
from heatward_collector.readings.boots import Boots

KEYS = st.tuples(
    st.sampled_from(["a", "b", "区"]),
    st.sampled_from(["n1", "n10", "", "节点"]) | st.text(st.characters(codec="utf-8"), max_size=4),
    st.binary(max_size=3),
)


@settings(max_examples=200)
@given(st.dictionaries(st.integers(0, 60), KEYS, max_size=40), KEYS)
def test_linked_sources_are_found_as_in_plain_mappings(links, stranger):
    boots, sources = Boots(), {}
    # A table of two places is spread again and again.
    boots._places = boots._places[:2]
    for source, key in links.items():
        boots.link(source, key)
        sources.setdefault(key, []).append(source)
        assert boots.of(source) == key
    assert [boots.of(source) for source in range(62)] == [links.get(one) for one in range(62)]
    assert [source in boots for source in range(62)] == [one in links for one in range(62)]
    assert {key: boots.sources(key) for key in sources} == {
        key: tuple(some) for key, some in sources.items()
    }
    assert boots.sources(stranger) == tuple(sources.get(stranger, ()))


def test_a_city_of_nodes_is_found_again():
    boots, count = Boots(), 3 * module.LEAST_PLACES
    for number in range(count):
        boots.link(number, ("d", f"node-{number}", number.to_bytes(16, "big")))
    some = [0, 1, module.LEAST_PLACES, count - 1]
    assert [boots.of(one) for one in some] == [
        ("d", f"node-{one}", one.to_bytes(16, "big")) for one in some
    ]
    assert boots.sources(("d", "node-7", (7).to_bytes(16, "big"))) == (7,)
    assert boots.sources(("d", "node-7", (8).to_bytes(16, "big"))) == ()
