"""Many messages as one object: each comes out as it went in, also of parts and of several."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.ingest.messages import Message, Messages, Settled

topics = st.text(st.characters(codec="utf-8"), max_size=8)
mids = st.integers(0, 65_535)
messages = st.builds(
    lambda topic, payload, retained, generation, mid: Message(
        topic, payload, retained, generation, mid, int(mid > 0)
    ),
    topics,
    st.binary(max_size=9),
    st.booleans(),
    st.integers(0, 9),
    mids,
)
groups = st.lists(st.lists(messages, max_size=5), max_size=4)


@given(groups)
def test_messages_of_several_blocks_are_those_of_each(some):
    whole = [one for group in some for one in group]
    joined = Messages.join([Messages.of(group) for group in some])
    assert list(joined) == whole
    assert [one.decode() for one in joined.topics()] == [one.topic for one in whole]
    assert [joined.payload(place) for place in range(len(joined))] == [one.payload for one in whole]


@given(st.lists(messages, max_size=8), st.data())
def test_a_part_of_them_is_what_was_chosen(some, data):
    begin, end = data.draw(st.integers(0, 8)), data.draw(st.integers(0, 8))
    assert list(Messages.of(some).part(slice(begin, end))) == some[begin:end]
    chosen = data.draw(st.lists(st.booleans(), min_size=len(some), max_size=len(some)))
    part = Messages.of(some).part(np.array(chosen, np.bool_))
    assert list(part) == [one for one, is_in in zip(some, chosen, strict=True) if is_in]
    parts = [part, Messages.of(some)]
    assert list(Messages.join(parts)) == [*part, *some]


@given(groups)
def test_what_is_told_to_the_broker_keeps_its_order(some):
    settled = Settled.of([Settled.of([Messages.of(group)]) for group in some])
    whole = [one for group in some for one in group]
    assert len(settled) == len(whole)
    assert settled.mid.tolist() == [one.mid for one in whole]
    assert settled.generation.tolist() == [one.generation for one in whole]


def test_a_topic_that_is_no_text_is_shown_as_well_as_can_be():
    block = Messages.of([Message("x", b"payload", False, 1, 1, 1)])
    broken = Messages(b"\xff" + block.data[1:], *(getattr(block, name) for name in FIELDS))
    assert broken[0].topic == "\ufffd"
    assert broken.topics() == [b"\xff"]


FIELDS = (
    "topic_at",
    "topic_end",
    "payload_at",
    "payload_end",
    "generation",
    "mid",
    "is_retained",
)
