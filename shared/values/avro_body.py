"""Read an Avro binary body strictly (Avro 1.11, Binary Encoding), and as plain values.

fastavro's reader accepts a boolean byte of 2, an int beyond 32 bits, and trailing bytes. But every
reader must be able to read a landed event, so we walk the contract's types here.
"""

import struct
from collections.abc import Callable, Iterator
from typing import Any

from shared.values.avro_types import (
    Array,
    AvroDecimal,
    AvroType,
    Enum,
    Fixed,
    Map,
    Primitive,
    Record,
    Union,
    branch_name,
)
from shared.values.rejection import DuplicateKeyObject, Reason, at, key_step, reject

LONGEST_VARINT = 10
MOST_ITEMS = 1 << 20


def decode_avro(body: bytes, record: Record) -> Any:
    """Decode one record that fills the body exactly; raises RejectedError.

    A union's value is `(branch name, value)`, unless null is the only other branch.
    """
    cursor = _Cursor(body)
    value = _decode(cursor, record)
    if cursor.remaining:
        reject(Reason.AVRO_TRAILING_BYTES, f"{cursor.remaining} bytes after the record")
    return value


class _Cursor:
    __slots__ = ("body", "position")

    def __init__(self, body: bytes) -> None:
        self.body, self.position = body, 0

    @property
    def remaining(self) -> int:
        return len(self.body) - self.position

    def take(self, count: int) -> bytes:
        if count > self.remaining:
            reject(Reason.AVRO_TRUNCATED, f"{count} bytes wanted, {self.remaining} left")
        taken = self.body[self.position : self.position + count]
        self.position += count
        return taken

    def take_long(self) -> int:
        number = 0
        for index in range(LONGEST_VARINT):
            byte = self.take(1)[0]
            number |= (byte & 0x7F) << (7 * index)
            if not byte & 0x80:
                break
        if byte & 0x80 or number >> 64:
            reject(Reason.AVRO_MALFORMED, "an integer is longer than 64 bits")
        return (number >> 1) ^ -(number & 1)

    def take_count(self) -> int:
        count = self.take_long()
        if count < 0:
            reject(Reason.AVRO_MALFORMED, f"a negative length, {count}")
        return count

    def take_text(self) -> str:
        try:
            return self.take(self.take_count()).decode("utf-8")
        except UnicodeDecodeError as error:
            reject(Reason.INVALID_UTF8, f"byte {error.start} of the string is not UTF-8")


def _decode(cursor: _Cursor, avro_type: AvroType) -> Any:
    match avro_type:
        case Primitive(kind=kind):
            return PRIMITIVES[kind](cursor)
        case Record(fields=fields):
            decoded = {}
            for field in fields:
                with at(f".{field.name}"):
                    decoded[field.name] = _decode(cursor, field.type)
            return decoded
        case Enum(symbols=symbols):
            return symbols[_decode_index(cursor, len(symbols), "symbol")]
        case AvroDecimal(storage=storage):
            return _decode(cursor, storage)
        case Fixed(size=size):
            return cursor.take(size)
        case Union():
            return _decode_union(cursor, avro_type)
        case Array(items=items):
            return [_decode_item(cursor, items, index) for index in _count_items(cursor)]
        case Map(values=values):
            return _decode_map(cursor, values)


def _decode_union(cursor: _Cursor, union: Union) -> Any:
    branch = union.branches[_decode_index(cursor, len(union.branches), "branch")]
    value = _decode(cursor, branch)
    return value if union.beside_null is not None else (branch_name(branch), value)


def _decode_item(cursor: _Cursor, items: AvroType, index: int) -> Any:
    with at(f"[{index}]"):
        return _decode(cursor, items)


def _decode_map(cursor: _Cursor, values: AvroType) -> dict[str, Any]:
    decoded: dict[str, Any] = {}
    twice: str | None = None
    for _ in _count_items(cursor):
        key = cursor.take_text()
        twice = key if twice is None and key in decoded else twice
        with at(key_step(key)):
            decoded[key] = _decode(cursor, values)
    return decoded if twice is None else DuplicateKeyObject(decoded, twice)


def _count_items(cursor: _Cursor) -> Iterator[int]:
    """Count the items of an array's or map's blocks; a byte size follows a negative count."""
    index = 0
    while count := cursor.take_long():
        if count < 0:
            count = -count
            cursor.take_count()
        if index + count > MOST_ITEMS:
            reject(Reason.AVRO_MALFORMED, f"more than {MOST_ITEMS} items")
        yield from range(index, index + count)
        index += count


def _decode_index(cursor: _Cursor, count: int, what: str) -> int:
    index = cursor.take_long()
    if not 0 <= index < count:
        reject(Reason.AVRO_MALFORMED, f"{what} {index} of {count}")
    return index


def _decode_boolean(cursor: _Cursor) -> bool:
    byte = cursor.take(1)[0]
    if byte > 1:
        reject(Reason.AVRO_MALFORMED, f"a boolean byte of {byte}")
    return byte == 1


PRIMITIVES: dict[str, Callable[[_Cursor], Any]] = {
    "null": lambda _: None,
    "boolean": _decode_boolean,
    "int": _Cursor.take_long,
    "long": _Cursor.take_long,
    "float": lambda cursor: struct.unpack("<f", cursor.take(4))[0],
    "double": lambda cursor: struct.unpack("<d", cursor.take(8))[0],
    "bytes": lambda cursor: cursor.take(cursor.take_count()),
    "string": _Cursor.take_text,
}
