"""Decodes AMQP 1.0 values."""

import struct
import uuid
from collections.abc import Callable

from local.hub.amqp_types import DecodeError, Described, Opaque, Symbol, Timestamp, ULong

_MAX_DEPTH = 32
_FIXED_WIDTH = {0x4: 0, 0x5: 1, 0x6: 2, 0x7: 4, 0x8: 8, 0x9: 16}
_SIZED_BY_ONE = (0xA, 0xC, 0xE)
_SIZED_BY_FOUR = (0xB, 0xD, 0xF)


def decode(data: bytes, at: int = 0) -> tuple[object, int]:
    """Return the value that starts at ``at`` and the position after it."""
    return _decode(data, at, 0)


def skip(data: bytes, at: int) -> int:
    """Return the position after the value that starts at ``at``, without building the value."""
    while data[at : at + 1] == b"\x00":
        at = _end_of(data, at + 1)
    return _end_of(data, at)


def _end_of(data: bytes, at: int) -> int:
    if at >= len(data):
        message = "a value is missing"
        raise DecodeError(message)
    kind = data[at] >> 4
    width = _FIXED_WIDTH.get(kind)
    if width is not None:
        end = at + 1 + width
    elif kind in _SIZED_BY_ONE:
        end = at + 2 + int.from_bytes(data[at + 1 : at + 2], "big")
    elif kind in _SIZED_BY_FOUR:
        end = at + 5 + int.from_bytes(data[at + 1 : at + 5], "big")
    else:
        message = f"0x{data[at]:02x} starts no AMQP value"
        raise DecodeError(message)
    if end > len(data):
        message = "a value is longer than the data that holds it"
        raise DecodeError(message)
    return end


def _decode(data: bytes, at: int, depth: int) -> tuple[object, int]:
    if depth > _MAX_DEPTH:
        message = "values are nested too deep"
        raise DecodeError(message)
    if at >= len(data):
        message = "a value is missing"
        raise DecodeError(message)
    constructor = data[at]
    if constructor == 0x00:
        descriptor, at = _decode(data, at + 1, depth + 1)
        value, at = _decode(data, at, depth + 1)
        return Described(descriptor, value), at
    end = _end_of(data, at)
    return _value(constructor, data, at + 1, end, depth), end


def _value(constructor: int, data: bytes, start: int, end: int, depth: int) -> object:
    kind = constructor >> 4
    if kind in (0xC, 0xD):
        return _compound(constructor, data, start, end, depth)
    if kind in (0xE, 0xF):
        return _array(data, start + (1 if kind == 0xE else 4), end, kind == 0xE, depth)
    scalar = _SCALARS.get(constructor)
    if scalar is None:
        return Opaque(constructor, data[start:end])
    if kind in _SIZED_BY_ONE:
        start += 1
    elif kind in _SIZED_BY_FOUR:
        start += 4
    return scalar(data[start:end])


def _compound(constructor: int, data: bytes, start: int, end: int, depth: int) -> object:
    width = 1 if constructor >> 4 == 0xC else 4
    start += width
    count = int.from_bytes(data[start : start + width], "big")
    at = start + width
    if at > end or count > end - at:
        message = "a list or map counts more items than it holds"
        raise DecodeError(message)
    items = []
    for _ in range(count):
        item, at = _decode(data, at, depth + 1)
        items.append(item)
    if at != end:
        message = "a list or map is longer or shorter than its items"
        raise DecodeError(message)
    return items if constructor in (0xC0, 0xD0) else _as_map(items)


def _as_map(items: list[object]) -> dict[object, object]:
    if len(items) % 2:
        message = "a map has a key without a value"
        raise DecodeError(message)
    try:
        return dict(zip(items[::2], items[1::2], strict=True))
    except TypeError as error:
        message = "a map has a key that is itself a list or map"
        raise DecodeError(message) from error


def _array(data: bytes, at: int, end: int, small: bool, depth: int) -> list[object]:
    width = 1 if small else 4
    count = int.from_bytes(data[at : at + width], "big")
    at += width
    if at > end or count > end - at:
        message = "an array counts more items than it holds"
        raise DecodeError(message)
    if count == 0:
        return []
    constructor = data[at : at + 1]
    at += 1
    items = []
    for _ in range(count):
        # An array has one constructor for all items: put it before each item to decode it.
        item, used = _decode(constructor + data[at:end], 0, depth + 1)
        items.append(item)
        at += used - 1
    return items


def _unpack(layout: str) -> Callable[[bytes], object]:
    unpack = struct.Struct(layout).unpack
    return lambda data: unpack(data)[0]


def _unsigned(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _signed(data: bytes) -> int:
    return int.from_bytes(data, "big", signed=True)


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        message = "a string is not UTF-8"
        raise DecodeError(message) from error


def _symbol(data: bytes) -> Symbol:
    return Symbol(_text(data))


_SCALARS: dict[int, Callable[[bytes], object]] = {
    0x40: lambda _: None,
    0x41: lambda _: True,
    0x42: lambda _: False,
    0x43: lambda _: 0,
    0x44: lambda _: ULong(0),
    0x45: lambda _: [],
    0x50: _unsigned,
    0x51: _signed,
    0x52: _unsigned,
    0x53: lambda data: ULong(data[0]),
    0x54: _signed,
    0x55: _signed,
    0x56: lambda data: data != b"\x00",
    0x60: _unsigned,
    0x61: _signed,
    0x70: _unsigned,
    0x71: _signed,
    0x72: _unpack(">f"),
    0x80: lambda data: ULong(int.from_bytes(data, "big")),
    0x81: _signed,
    0x82: _unpack(">d"),
    0x83: lambda data: Timestamp(_signed(data)),
    0x98: lambda data: uuid.UUID(bytes=data),
    0xA0: bytes,
    0xA1: _text,
    0xA3: _symbol,
    0xB0: bytes,
    0xB1: _text,
    0xB3: _symbol,
}
