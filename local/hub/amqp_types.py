"""AMQP values that Python's own types cannot tell apart.

The wire has many integers and two kinds of text. These classes are Python's values with the wire
type remembered, so that ``encode`` needs no schema and comparing with plain values still works.
"""

from dataclasses import dataclass


class Symbol(str):
    """ASCII text from a constrained domain."""

    __slots__ = ()


class UByte(int):
    """An unsigned integer of 8 bits."""

    __slots__ = ()


class UShort(int):
    """An unsigned integer of 16 bits."""

    __slots__ = ()


class UInt(int):
    """An unsigned integer of 32 bits."""

    __slots__ = ()


class ULong(int):
    """An unsigned integer of 64 bits."""

    __slots__ = ()


class Int(int):
    """A signed integer of 32 bits; a plain ``int`` goes out as a signed one of 64 bits."""

    __slots__ = ()


class Timestamp(int):
    """Milliseconds since 1970 in UTC."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Described:
    """A value with the descriptor that says what it means."""

    descriptor: object
    value: object


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value of a type that nothing here looks into (decimals, chars), kept as its bytes."""

    constructor: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Encoded:
    """Bytes that are an encoded value already."""

    data: bytes


class DecodeError(Exception):
    """The bytes are not a well-formed AMQP value."""
