"""Names, control messages and bodies: what was written is what is read, and nothing else is."""

import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatward_node.control import (
    Ack,
    Hello,
    Status,
    epoch_number,
    epoch_text,
    incarnation_text,
)
from heatward_node.errors import RecordError, WireError
from heatward_node.events import (
    Boot,
    Checkpoint,
    ClockFix,
    ClockStep,
    Fault,
    Lost,
    Refused,
    first_covered,
)
from heatward_node.reading import MAX_SEQ, Kind, Record
from heatward_node.rom import kernel_name, rom_from_kernel_name, rom_from_urn, urn
from heatward_node.topics import Topic
from support.records import monos, record_runs, walls
from support.w1_tree import rom_number

epochs = st.integers(1, 2**32 - 1)
seqs = st.integers(1, MAX_SEQ)
hexes = st.binary(min_size=4, max_size=32).map(bytes.hex)
numbers = st.integers(0, 2**32 - 1)
identifiers = st.from_regex(r"[a-z0-9][a-z0-9-]{0,31}", fullmatch=True)
hellos = st.builds(
    lambda epoch, low, more: Hello(epoch, low, min(low + more, MAX_SEQ + 1)), epochs, seqs, numbers
)
acks = st.builds(Ack, hexes, epochs, st.integers(0, MAX_SEQ), st.integers(0, 2**63 - 1), hexes)
plain = st.from_regex(r"[0-9A-Za-z.+ -]{0,32}", fullmatch=True)
"""Versions and clock states; a bracket in a text would look like nesting, and is refused."""
statuses = st.builds(Status, st.booleans(), plain, plain, st.integers(0, 1000))


@given(hellos | acks | statuses)
def test_every_control_message_survives_the_way(message):
    assert type(message).decode(message.encode()) == message


@given(st.binary(max_size=200), st.sampled_from([Hello, Ack, Status]))
def test_no_bytes_crash_a_reader_of_control_messages(noise, kind):
    try:
        kind.decode(noise)
    except WireError:
        return


@given(hellos | acks, st.data())
def test_a_label_too_few_or_too_many_or_of_another_type_is_refused(message, data):
    value = json.loads(message.encode())
    label = data.draw(st.sampled_from(sorted(value)))
    change = data.draw(st.sampled_from(["without", "more", "null", "text", "list", "bool"]))
    if change == "without":
        del value[label]
    elif change == "more":
        value["more"] = 1
    else:
        value[label] = {"null": None, "text": "?", "list": [], "bool": True}[change]
    with pytest.raises(WireError):
        type(message).decode(json.dumps(value).encode())


@given(epochs)
def test_an_epoch_is_eight_digits_and_never_zero(epoch):
    assert len(epoch_text(epoch)) == 8
    assert epoch_number(epoch_text(epoch)) == epoch
    with pytest.raises(WireError):
        epoch_number("00000000")


@given(identifiers, identifiers, st.sampled_from(["readings", "status", "event", "ack", "config"]))
def test_a_topic_is_read_as_it_was_written(district, node, leaf):
    topic = Topic(district, node, leaf)
    assert Topic.parse(str(topic)) == topic


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "heatward/v1/d/n",
        "heatward/v2/d/n/ack",
        "heatward/v1/+/n/ack",
        "heatward/v1/d/#/ack",
        "heatward/v1/d/n/ack/x",
        "heatward/v1/D/n/ack",
        "heatward/v1/d//ack",
        "heatward/v1/d/n/other",
        "heatward/v1/d/../ack",
        "heatward/v1/d/n\n/ack",
        "heatward/v1/d/" + "n" * 33 + "/ack",
    ],
)
def test_topics_that_a_filter_or_a_file_name_could_misread_are_refused(text):
    with pytest.raises(WireError):
        Topic.parse(text)


@given(st.integers(0, 2**32 - 1).map(rom_number))
def test_a_rom_survives_both_of_its_names(rom):
    assert rom_from_kernel_name(kernel_name(rom)) == rom
    assert rom_from_urn(urn(rom)) == rom


def test_the_names_of_the_documented_sensor():
    rom = rom_from_kernel_name("28-000006b67845")
    assert urn(rom) == "urn:dev:ow:284578b60600009a"
    assert rom_from_urn("urn:dev:ow:10e2073a01080063")[0] == 0x10  # the example of RFC 8428


@given(st.integers(0, 2**32 - 1).map(rom_number), st.integers(0, 63))
def test_a_rom_with_one_wrong_bit_is_no_rom(rom, bit):
    wrong = (int.from_bytes(rom, "big") ^ 1 << bit).to_bytes(8, "big")
    with pytest.raises(RecordError):
        rom_from_urn(urn(wrong))


@given(record_runs())
def test_canonical_bytes_are_read_as_they_were_written(records):
    for record in records:
        assert Record.from_bytes(record.to_bytes()) == record


@given(st.binary(max_size=100))
def test_no_bytes_crash_the_reader_of_records(noise):
    try:
        assert Record.from_bytes(noise).to_bytes() == noise
    except RecordError:
        return


bodies = st.one_of(
    st.tuples(st.just(Kind.BOOT), st.builds(Boot, st.binary(min_size=16, max_size=16), numbers)),
    st.tuples(st.just(Kind.CLOCK_FIX), st.builds(ClockFix, numbers)),
    st.tuples(st.just(Kind.CLOCK_STEP), st.builds(ClockStep, st.integers(-(2**63), 2**63 - 1))),
    st.tuples(st.just(Kind.FAULT), st.builds(Fault, numbers.map(rom_number))),
    st.tuples(st.just(Kind.LOST), st.builds(Lost, st.integers(1, 500), st.integers(1, 2))),
    st.tuples(
        st.just(Kind.CHECKPOINT),
        st.builds(Checkpoint, numbers, st.binary(min_size=32, max_size=32), st.binary(max_size=99)),
    ),
    st.tuples(st.just(Kind.REFUSED), st.builds(Refused, st.just("json"), st.binary(max_size=99))),
)


@given(bodies, monos, walls)
def test_every_body_is_read_as_it_was_written(body, mono_ms, wall_s):
    kind, event = body
    record = Record(int(kind), 500, mono_ms, wall_s, 0, 0, event.to_body())
    again = type(event).from_record(Record.from_bytes(record.to_bytes()))
    assert asdict(again) == asdict(event)
    assert first_covered(record) == (event.low if kind == Kind.LOST else 500)


@pytest.mark.parametrize("low", [0, 501])
def test_a_lost_range_that_is_empty_or_begins_at_nothing_is_refused(low):
    with pytest.raises(RecordError):
        Lost.from_record(Record(Kind.LOST, 500, 0, None, 0, 0, Lost(low).to_body()))


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b'{"online":true,"version":"' + b"1" * 65 + b'"}', "text"),
        (b'{"online":true,"version":"1","clock":"' + b"x" * 33 + b'"}', "text"),
        (b'{"online":true,"version":1}', "text"),
        (b'{"online":true,"clock":null}', "text"),
        (b'{"online":1}', "text"),
        (b'{"online":true,"sensors":-1}', "number"),
        (b'{"online":true,"sensors":true}', "number"),
        (b'{"online":true,' + b" " * 5_000 + b"}", "size"),
        (b"{", "json"),
        (b'{"online":true} true', "json"),
        (b'"{"', "json"),
        (b'{"online":[true]}', "depth"),
        (b'{"a":{"online":true}}', "depth"),
    ],
)
def test_what_is_wrong_with_a_status_is_said_by_a_stable_word(payload, reason):
    with pytest.raises(WireError) as refused:
        Status.decode(payload)
    assert refused.value.reason == reason


def test_a_greeting_of_another_type_and_one_that_ends_before_it_begins_are_refused():
    good = json.loads(Hello(7, 3, 9).encode())
    for change, reason in (({"type": "bye"}, "type"), ({"next": 2}, "number")):
        with pytest.raises(WireError) as refused:
            Hello.decode(json.dumps({**good, **change}).encode())
        assert refused.value.reason == reason
    with pytest.raises(WireError):
        Hello.decode(json.dumps({**good, "next": MAX_SEQ + 2}).encode())


@pytest.mark.parametrize("text", ["", "abc", "xyz01234", "0" * 65, "AB" * 8])
def test_an_incarnation_is_hexadecimal(text):
    assert incarnation_text("0f" * 8) == "0f" * 8
    with pytest.raises(WireError):
        incarnation_text(text)


def test_what_a_message_may_weigh_hold_and_count_ends_where_it_is_said():
    """The last that is taken, and the first that is not."""
    weighing = b'{"online":true' + b" " * 2_033 + b"}"
    assert len(weighing) == 2_048
    assert Status.decode(weighing) == Status(True, "", "unknown", 0)
    longest = Status(False, "v" * 64, "c" * 32, 1_000)
    assert Status.decode(longest.encode()) == longest
    ack = Ack("0f" * 4, 7, MAX_SEQ, 2**63 - 1, "ab" * 32)
    assert Ack.decode(ack.encode()) == ack
    beyond = ack.encode().replace(str(2**63 - 1).encode(), str(2**63).encode())
    for reader, payload, reason in (
        (Status, weighing + b" ", "size"),
        (Status, b'{"online":true,"sensors":1001}', "number"),
        (Ack, beyond, "number"),
    ):
        with pytest.raises(WireError) as refused:
            reader.decode(payload)
        assert refused.value.reason == reason


def test_a_refusal_says_what_was_expected_and_quotes_little_of_what_came():
    with pytest.raises(WireError) as refused:
        Status.decode(json.dumps({f"l{number:02}": 1 for number in range(30, 9, -1)}).encode())
    shown = ", ".join(f"'l{number:02}'" for number in range(10, 30))
    assert str(refused.value).endswith(f"expected ['online'], got [{shown}]")
    with pytest.raises(WireError) as refused:
        Ack.decode(b"{}")
    labels = "['batch', 'epoch', 'head', 'incarnation', 'through']"
    assert str(refused.value).endswith(f"expected {labels}, got []")
    greeting = json.dumps({"type": "b" * 60, "epoch": "0" * 7 + "1", "oldest_kept": 1, "next": 1})
    with pytest.raises(WireError) as refused:
        Hello.decode(greeting.encode())
    assert str(refused.value).endswith(f"unknown event '{'b' * 50}'")
