"""Strategies for canonical records."""

from hypothesis import strategies as st

from heatward_node.events import Boot, Checkpoint, ClockFix, ClockStep, Fault
from heatward_node.reading import MAX_MONO_MS, MAX_WALL_S, MIN_WALL_S, Kind, Quality, Record
from heatward_node.scratchpad import usual_scratchpad
from support.w1_tree import rom_number

roms = st.integers(0, 2**32 - 1).map(rom_number)
raws = st.integers(-880, 2000)
qualities = st.sampled_from([int(quality) for quality in Quality])
walls = st.none() | st.integers(MIN_WALL_S, MAX_WALL_S)
monos = st.integers(0, MAX_MONO_MS)
scratchpads = raws.map(usual_scratchpad) | st.binary(min_size=9, max_size=9)


def _reading(draw):
    quality, scratchpad = draw(qualities), draw(scratchpads)
    return Kind.READING, quality, draw(roms) + scratchpad


def _event(draw):
    kind, body = draw(
        st.sampled_from(
            [
                (Kind.BOOT, Boot(b"0123456789abcdef", 7, 9).to_body()),
                (Kind.CLOCK_FIX, ClockFix(500).to_body()),
                (Kind.CLOCK_STEP, ClockStep(-3_600_000).to_body()),
                (Kind.FAULT, Fault(rom_number(3)).to_body()),
                (Kind.CHECKPOINT, Checkpoint(5, b"d" * 32, b"signature").to_body()),
            ]
        )
    )
    return kind, draw(qualities), body


@st.composite
def record_runs(draw, most=12):
    """Draw records with numbers without a gap."""
    first = draw(st.integers(1, 2**31))
    records = []
    for seq in range(first, first + draw(st.integers(1, most))):
        kind, quality, body = _reading(draw) if draw(st.booleans()) else _event(draw)
        sync = draw(st.integers(0, 1))
        records.append(Record(int(kind), seq, draw(monos), draw(walls), sync, quality, body))
    return records
