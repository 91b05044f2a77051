"""AMQP types that Python's own types cannot tell apart.

AMQP has many integer types and two kinds of text. These classes are Python values that remember
their AMQP type, so ``encode`` needs no schema and they still compare equal to plain values.
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
    """A signed integer of 32 bits; a plain ``int`` is encoded with 64 bits."""

    __slots__ = ()


class Timestamp(int):
    """Milliseconds since 1970 in UTC."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Described:
    """A value and the descriptor that defines its meaning."""

    descriptor: object
    value: object


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value whose type the emulator does not decode (decimals, chars), kept as bytes."""

    constructor: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Encoded:
    """An already encoded value."""

    data: bytes


class DecodeError(Exception):
    """The bytes are not a well-formed AMQP value."""
