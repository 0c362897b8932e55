"""The most usual payload of all, one good reading, read for many messages at once.

Between its few values the text of such a payload never differs. Eight bytes make a word, so a few
words of every payload are compared with what they must be, and others are numbers, eight digits
each: every step is one operation on an array, whatever the number of messages. What differs in
anything is left to the next way, :mod:`usual_pack`. A test holds all ways to the same result.
"""

from __future__ import annotations

import json
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from heatward_collector.ingest.messages import Flags, Messages, Numbers
from heatward_collector.ingest.usual_packs import UsualPacks, crc8_table
from heatward_collector.ledger.batch import PACKED_DTYPE
from heatward_collector.ledger.stretch import Packed
from heatward_node.reading import LAYOUT_VERSION, SCRATCHPAD_BYTES, Kind, Quality, Sync
from heatward_node.rom import ROM_BYTES
from heatward_node.scratchpad import HIGHEST_RAW, LOWEST_RAW, usual_scratchpad

Words = npt.NDArray[np.uint64]
_WORD = 8
_BEGIN, _SEQ = b'[{"ep":"', b'","sq":'
_ASKS, _SENSOR = b',"ak":1,', b',"bn":"urn:dev:ow:'
_VALUE = b':","bu":"Cel","n":"t","v":'
_TIME, _MONO, _END = b',"bt":', b',"mo":', b"}]"
_EPOCH_DIGITS, _SENSOR_DIGITS, _VALUE_SIZES = 8, 16, (3, 8)
_SEQ_DIGITS, _TIME_DIGITS, _MONO_DIGITS = 8, 10, 15
"""More of them are far from being usual, as are times before 2001 and behind 2286."""
_SEQ_AT = len(_BEGIN) + _EPOCH_DIGITS + len(_SEQ)
_FIXED = _SEQ_AT + len(_SENSOR) + _SENSOR_DIGITS + len(_VALUE + _TIME + _MONO + _END)
_SHORTEST = _FIXED + 1 + _VALUE_SIZES[0] + _TIME_DIGITS + 1
_LONGEST = _FIXED + _SEQ_DIGITS + len(_ASKS) - 1 + _VALUE_SIZES[1] + _TIME_DIGITS + _MONO_DIGITS


def _word(text: bytes) -> np.uint64:
    return np.uint64(int.from_bytes(text, "little"))


_FIRST = np.array([(1 << 8 * size) - 1 for size in range(_WORD + 1)], np.uint64)
"""Masks of the first bytes of a word, by their number; and of the last ones."""
_LAST = ~_FIRST[::-1]
_LEAST = np.array([0, 0, *(10**size for size in range(1, _MONO_DIGITS))])
"""The least number of so many digits, none of which is 0 in front."""
_ONES, _HIGH = _word(b"\1" * 8), _word(b"\x80" * 8)
_ZEROS, _COMMAS, _ABOVE_NINE = _word(b"0" * 8), _word(b"," * 8), _word(b"\x76" * 8)
_NIBBLE = np.full(256, 255, np.uint8)
_NIBBLE[list(b"0123456789abcdef")] = range(16)
_AT_BEGIN, _AT_SENSOR, _AT_VALUE, _AT_TIME, _AT_END = range(5)


def _words_of(anchor: int, offset: int, text: bytes) -> list[tuple[int, int, bytes]]:
    """Return the words of a text that lies so far from an anchor; the last two may overlap."""
    begins = {*range(0, len(text) - _WORD + 1, _WORD), max(0, len(text) - _WORD)}
    return [(anchor, offset + at, text[at : at + _WORD]) for at in sorted(begins)]


_FIXED_WORDS = [
    *_words_of(_AT_BEGIN, 0, _BEGIN),
    *_words_of(_AT_BEGIN, _SEQ_AT - len(_SEQ), _SEQ),
    *_words_of(_AT_SENSOR, -len(_SENSOR), _SENSOR),
    *_words_of(_AT_VALUE, -len(_VALUE), _VALUE),
    *_words_of(_AT_TIME, -len(_TIME), _TIME),
    *_words_of(_AT_TIME, _TIME_DIGITS, _MONO),
    (_AT_END, -_WORD, _END.rjust(_WORD, b"\0")),  # behind the end there may be no more bytes
]
"""What is the same in all: from which anchor, how far behind it, and the bytes; 0 is for any."""
_OTHER_WORDS = [
    (_AT_TIME, 0),
    (_AT_TIME, _WORD),
    (_AT_END, -len(_END) - _WORD),
    (_AT_END, -len(_END) - 2 * _WORD),
    (_AT_BEGIN, len(_BEGIN)),
    (_AT_SENSOR, 0),
    (_AT_SENSOR, _WORD),
]
"""Time and the running time, two words each; and the hexadecimal digits: epoch, sensor."""
_ANCHORS = np.array([one[0] for one in (*_FIXED_WORDS, *_OTHER_WORDS)])
_OFFSETS = np.array([[one[1]] for one in (*_FIXED_WORDS, *_OTHER_WORDS)])
_EXPECTED = np.array([[_word(text)] for *_, text in _FIXED_WORDS])
_MASKS = np.array([[_word(bytes(255 * (one > 0) for one in text))] for *_, text in _FIXED_WORDS])
_HEXADECIMAL = len(_FIXED_WORDS) + 4


def decode_usual_readings(messages: Messages, places: Numbers) -> UsualPacks:
    """Return what those of some messages say that are one usual reading."""
    size = messages.payload_end[places] - messages.payload_at[places]
    places = places[(size >= _SHORTEST) & (size <= _LONGEST)]
    if not len(places):
        return UsualPacks.none()
    return _Readings(messages, places).packs(places)


class _Readings:
    """Payloads as the words in which the values of a usual reading would lie."""

    def __init__(self, messages: Messages, places: Numbers) -> None:
        begin, end = messages.payload_at[places], messages.payload_end[places]
        last = len(messages.data) - _WORD
        # From every place on; NumPy refuses a shape that does not fit into the bytes.
        every: Words = np.ndarray((last + 1,), "<u8", messages.data, 0, (1,))

        def at(place: Numbers) -> Words:  # what is behind the end of a payload is refused below
            return every[np.minimum(place, last)]

        self._seq_text = at(begin + _SEQ_AT)
        self._seq_digits = _length(self._seq_text)
        asks_at = begin + _SEQ_AT + self._seq_digits
        self._asks = at(asks_at) == _word(_ASKS)
        sensor_at = asks_at + (len(_ASKS) - 1) * self._asks + len(_SENSOR)
        value_at = sensor_at + _SENSOR_DIGITS + len(_VALUE)
        value = at(value_at)
        value_size = _length(value)
        first = _FIRST[value_size]
        self._value = value & first | _COMMAS & ~first
        time_at = value_at + value_size + len(_TIME)
        self._mono_digits = end - len(_END) - len(_MONO) - _TIME_DIGITS - time_at
        anchors = np.stack((begin, sensor_at, value_at, time_at, end))
        self._words = at(anchors[_ANCHORS] + _OFFSETS)

    def packs(self, places: Numbers) -> UsualPacks:
        """Return those that are what a node would say, of messages at some places."""
        words = self._words[: len(_FIXED_WORDS)]
        is_usual = ((words ^ _EXPECTED) & _MASKS == 0).all(axis=0)
        packed = np.zeros(len(places), PACKED_DTYPE)
        packed["kind"], packed["version"] = Kind.READING, LAYOUT_VERSION
        packed["sync"], packed["quality"] = Sync.SYNCHRONISED, Quality.GOOD
        is_usual &= self._put_numbers(packed)
        octets, is_hexadecimal = _octets(self._words[_HEXADECIMAL:])
        epochs = octets[:, :4].copy().view(">u4").ravel().astype(np.int64)
        rom = octets[:, 4:].copy()
        packed["sensor"] = rom.view("<u8").ravel()
        is_usual &= is_hexadecimal & (epochs > 0) & _is_checked(rom)
        packed["scratchpad"], is_known = _scratchpads(self._value)
        is_usual &= is_known
        firsts, counts = packed["seq"].astype(np.int64), np.ones(len(places), np.int64)
        return UsualPacks(places, epochs, self._asks, firsts, counts, packed).only(is_usual)

    def _put_numbers(self, packed: Packed) -> Flags:
        """Put in number and times; return where they are such that a node would write so."""
        time, late, low, high = self._words[len(_FIXED_WORDS) : _HEXADECIMAL] ^ _ZEROS
        digits = self._mono_digits
        is_right = (digits >= 1) & (digits <= _MONO_DIGITS)
        digits = np.where(is_right, digits, 1)
        # The digits of a number are the last bytes of its word.
        shift = (64 - 8 * self._seq_digits).astype(np.uint64)
        numbers, is_number = _numbers(
            np.stack(
                (
                    (self._seq_text ^ _ZEROS) << shift,
                    time,
                    late << np.uint64(64 - 8 * (_TIME_DIGITS - _WORD)),
                    low & _LAST[np.minimum(digits, _WORD)],
                    high & _LAST[np.maximum(digits - _WORD, 0)],
                )
            )
        )
        seq, mono_ms = numbers[0], 10**_WORD * numbers[4] + numbers[3]
        wall_s = 10 ** (_TIME_DIGITS - _WORD) * numbers[1] + numbers[2]
        packed["seq"], packed["wall_s"], packed["mono_ms"] = seq, wall_s, mono_ms
        is_right &= is_number & (seq >= np.maximum(_LEAST[self._seq_digits], 1))
        is_right &= (wall_s >= 10 ** (_TIME_DIGITS - 1)) & (mono_ms >= _LEAST[digits])
        return np.asarray(is_right)


def _length(words: Words) -> Numbers:
    """Return how many bytes there are in front of the first comma, 8 where there is none."""
    unlike = words ^ _COMMAS
    # The lowest bit that is set is of the first byte that is 0 now.
    marked = (unlike - _ONES) & ~unlike & _HIGH
    below = np.bitwise_count((marked & (~marked + np.uint64(1))) - np.uint64(1))
    return (below >> 3).astype(np.int64)


def _numbers(digits: Words) -> tuple[Numbers, Flags]:
    """Return what words of eight digits say, (words, n), and where all of one's are digits.

    A digit is a byte from 0 to 9, the first one the lowest.
    """
    is_digits = ((digits + _ABOVE_NINE | digits) & _HIGH) == 0
    pairs = digits * np.uint64(10) + (digits >> np.uint64(8))
    even = np.uint64(0x000000FF000000FF)
    first = (pairs & even) * np.uint64(100 + (1_000_000 << 32))
    second = (pairs >> np.uint64(16) & even) * np.uint64(1 + (10_000 << 32))
    return (first + second >> np.uint64(32)).astype(np.int64), is_digits.all(axis=0)


def _octets(words: Words) -> tuple[npt.NDArray[np.uint8], Flags]:
    """Return the bytes that words (words, n) of hexadecimal digits say, (n, 4 * words).

    And in which all are such digits.
    """
    nibbles = _NIBBLE.take(np.ascontiguousarray(words.T).view(np.uint8))
    octets = nibbles[:, ::2] << 4 | nibbles[:, 1::2] & 15
    return np.asarray(octets), np.asarray((nibbles < 16).all(axis=1))


def _is_checked(rom: npt.NDArray[np.uint8]) -> Flags:
    """Say where the check byte of a name is right; (n, 8)."""
    crc = np.zeros(len(rom), np.uint8)
    for at in range(ROM_BYTES - 1):
        crc = crc8_table()[crc ^ rom[:, at]]
    return np.asarray(crc == rom[:, -1])


def _scratchpads(texts: Words) -> tuple[npt.NDArray[np.uint8], Flags]:
    """Return the scratchpads (n, 9) of temperatures as nodes write them, and which are so.

    Behind a text that is shorter than a word there are commas.
    """
    known, pads = _temperatures()
    place = np.minimum(np.searchsorted(known, texts), len(known) - 1)
    return pads[place], np.asarray(known[place] == texts)


@lru_cache(1)
def _temperatures() -> tuple[Words, npt.NDArray[np.uint8]]:
    """Return the words of every temperature of the part, rising, and what it shows there."""
    raw = range(LOWEST_RAW, HIGHEST_RAW + 1)
    texts = [json.dumps(one / 16).encode() for one in raw]
    words = np.array([_word(text.ljust(_WORD, b",")) for text in texts], np.uint64)
    pads = np.frombuffer(b"".join(map(usual_scratchpad, raw)), np.uint8)
    order = np.argsort(words)
    return words[order], pads.reshape(-1, SCRATCHPAD_BYTES)[order]
