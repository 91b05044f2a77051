"""Encodes AMQP 1.0 values."""

import struct
import uuid
from collections.abc import Callable, Sequence

from local.hub.amqp_types import (
    Described,
    Encoded,
    Int,
    Opaque,
    Symbol,
    Timestamp,
    UByte,
    UInt,
    ULong,
    UShort,
)

_U16 = struct.Struct(">BH")
_U32 = struct.Struct(">BI")
_U64 = struct.Struct(">BQ")
_I32 = struct.Struct(">Bi")
_I64 = struct.Struct(">Bq")
_F64 = struct.Struct(">Bd")
_COMPOUND = struct.Struct(">BII")


def encode(value: object) -> bytes:
    """Return the bytes of one value, including its constructor."""
    encoder = _ENCODERS.get(type(value))
    if encoder is None:
        message = f"cannot encode a {type(value).__name__}"
        raise TypeError(message)
    return encoder(value)


def encode_described_list(code: int, fields: Sequence[object]) -> bytes:
    """Return a composite (a performative or part of one) with all fields, even trailing nulls.

    The SDK reads fields by position and does not pad short lists.
    """
    items = b"".join(map(encode, fields))
    head = bytes((0x00, 0x53, code)) + _COMPOUND.pack(0xD0, len(items) + 4, len(fields))
    return head + items


def encode_symbol_array(symbols: Sequence[str]) -> bytes:
    """Return an array of symbols."""
    items = b"".join(_sized32(symbol.encode("ascii")) for symbol in symbols)
    return _COMPOUND.pack(0xF0, len(items) + 5, len(symbols)) + b"\xb3" + items


def encode_string(text: str) -> bytes:
    """Return a string."""
    return _variable(0xA1, 0xB1, text.encode())


def _variable(small: int, large: int, data: bytes) -> bytes:
    if len(data) < 256:
        return bytes((small, len(data))) + data
    return _U32.pack(large, len(data)) + data


def _sized32(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def _encode_bool(value: bool) -> bytes:
    return b"\x41" if value else b"\x42"


def _encode_uint(value: int) -> bytes:
    if value == 0:
        return b"\x43"
    return bytes((0x52, value)) if value < 256 else _U32.pack(0x70, value)


def _encode_ulong(value: int) -> bytes:
    if value == 0:
        return b"\x44"
    return bytes((0x53, value)) if value < 256 else _U64.pack(0x80, value)


def _encode_long(value: int) -> bytes:
    return bytes((0x55, value & 0xFF)) if -128 <= value < 128 else _I64.pack(0x81, value)


def _encode_list(value: list[object]) -> bytes:
    if not value:
        return b"\x45"
    items = b"".join(map(encode, value))
    return _COMPOUND.pack(0xD0, len(items) + 4, len(value)) + items


def _encode_map(value: dict[object, object]) -> bytes:
    items = b"".join(encode(key) + encode(item) for key, item in value.items())
    return _COMPOUND.pack(0xD1, len(items) + 4, 2 * len(value)) + items


def _encode_described(value: Described) -> bytes:
    return b"\x00" + encode(value.descriptor) + encode(value.value)


def _encode_symbols(value: tuple[str, ...]) -> bytes:
    return encode_symbol_array(value)


_ENCODERS: dict[type, Callable[..., bytes]] = {
    type(None): lambda _: b"\x40",
    bool: _encode_bool,
    UByte: lambda value: bytes((0x50, value)),
    UShort: lambda value: _U16.pack(0x60, value),
    UInt: _encode_uint,
    ULong: _encode_ulong,
    Int: lambda value: _I32.pack(0x71, value),
    int: _encode_long,
    float: lambda value: _F64.pack(0x82, value),
    Timestamp: lambda value: _I64.pack(0x83, value),
    uuid.UUID: lambda value: b"\x98" + value.bytes,
    bytes: lambda value: _variable(0xA0, 0xB0, value),
    str: encode_string,
    Symbol: lambda value: _variable(0xA3, 0xB3, value.encode("ascii")),
    list: _encode_list,
    dict: _encode_map,
    tuple: _encode_symbols,
    Described: _encode_described,
    Encoded: lambda value: value.data,
    Opaque: lambda value: bytes((value.constructor,)) + value.data,
}
