"""Frozen dataclasses as JSON with arrays beside it, and back: the same value, bit for bit.

What a type does not say cannot be read back: every field has an annotation, and a text that does
not fit it raises ValueError.
"""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
ARRAY = "array"
"""The key under which JSON names an array by its number."""


def encode(value: Any, arrays: list[Array]) -> Any:
    """Return a value as JSON; its arrays are appended to ``arrays``. NaN stays NaN."""
    if isinstance(value, np.ndarray):
        arrays.append(value)
        return {ARRAY: len(arrays) - 1}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: encode(getattr(value, field.name), arrays)
            for field in dataclasses.fields(value)
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return {str(key): encode(one, arrays) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [encode(one, arrays) for one in value]
    return value


def decode(kind: Any, data: Any, arrays: Sequence[Array] = ()) -> Any:
    """Return the value of a type that JSON and arrays hold. Raises ValueError where it does not."""
    try:
        return _decode(kind, data, arrays)
    except (TypeError, KeyError, IndexError, AttributeError) as error:
        raise ValueError(f"this is no {kind}: {error}") from error


def _decode(kind: Any, data: Any, arrays: Sequence[Array]) -> Any:
    origin = typing.get_origin(kind)
    if origin is np.ndarray:
        return arrays[data[ARRAY]]
    if dataclasses.is_dataclass(kind):
        hints = _hints(typing.cast(type, kind))
        given = {name: _decode(hints[name], data[name], arrays) for name in data}
        return kind(**given)  # type: ignore[operator]
    if origin in (dict, Mapping):
        keys, values = typing.get_args(kind)
        return {
            _decode(keys, key, arrays): _decode(values, one, arrays) for key, one in data.items()
        }
    if origin is tuple:
        return _tuple(typing.get_args(kind), data, arrays)
    if origin in (typing.Union, types.UnionType):
        return _either(typing.get_args(kind), data, arrays)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(data)
    return data


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _tuple(kinds: Sequence[Any], data: Any, arrays: Sequence[Array]) -> tuple[Any, ...]:
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(_decode(kinds[0], one, arrays) for one in data)
    return tuple(_decode(one, part, arrays) for one, part in zip(kinds, data, strict=True))


def _is_composed(kind: Any) -> bool:
    is_enum = isinstance(kind, type) and issubclass(kind, Enum)
    return is_enum or dataclasses.is_dataclass(kind) or typing.get_origin(kind) is not None


def _either(kinds: Sequence[Any], data: Any, arrays: Sequence[Array]) -> Any:
    if data is None and type(None) in kinds:
        return None
    composed = [one for one in kinds if _is_composed(one)]
    return _decode(composed[0], data, arrays) if composed else data
