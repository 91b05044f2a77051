"""Avro for a contract, written byte by byte, to include overlong varints and split blocks."""

import struct

from fuzz.drawing import UUIDS, Drawing
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
)


class AvroBodies(Drawing):
    """Draws Avro for types of a contract."""

    def avro(self, avro_type: AvroType) -> bytes:
        """Draw a value of a type; the badness is the chance that each part is broken."""
        match avro_type:
            case Record(fields=fields):
                return b"".join(self.avro(field.type) for field in fields)
            case Array(items=items):
                return self._blocks([self.avro(items) for _ in range(self._count())])
            case Map(values=values):
                keys = [self._text() for _ in range(self._count())]
                if self.random.random() >= self.badness:
                    keys = list(dict.fromkeys(keys))
                return self._blocks([self._avro_text(key) + self.avro(values) for key in keys])
            case Union(branches=branches):
                index = self.random.randrange(len(branches))
                return self._long(index) + self.avro(branches[index])
            case Enum(symbols=symbols):
                return self._long(self.random.randrange(len(symbols)))
            case AvroDecimal(storage=Fixed(size=size), precision=precision):
                return self._units(precision).to_bytes(size, "big", signed=True)
            case AvroDecimal(precision=precision):
                units = self._units(precision)
                size = units.bit_length() // 8 + 1 + self.random.choice([0, 0, 0, 1, 20])
                return self._long(size) + units.to_bytes(size, "big", signed=True)
            case Fixed(size=size):
                return self.random.randbytes(size)
            case Primitive():
                return self._avro_primitive(avro_type)

    def _avro_primitive(self, primitive: Primitive) -> bytes:
        is_bad = self.random.random() < self.badness
        match primitive.logical or primitive.kind:
            case "null":
                return b""
            case "boolean":
                return bytes([self.random.randrange(256 if is_bad else 2)])
            case "uuid":
                return self._avro_text(self.random.choice(UUIDS))
            case "string":
                return self._avro_text(self._text())
            case "bytes":
                data = self.random.randbytes(self._count())
                return self._long(len(data)) + data
            case "float":
                return struct.pack("<f", self.random.uniform(-1e3, 1e3) if not is_bad else 1e999)
            case "double":
                return (
                    struct.pack("<d", self.random.uniform(-1e3, 1e3)) if not is_bad else b"\xff" * 8
                )
        return self._long(
            self.random.randint(-(2**63), 2**63 - 1) if is_bad else self._integer(primitive)
        )

    def _units(self, precision: int) -> int:
        digits = self.random.randint(1, precision)
        return self.random.randint(-(10**digits) + 1, 10**digits - 1)

    def _avro_text(self, text: str) -> bytes:
        data = text.encode()
        return self._long(len(data)) + data

    def _blocks(self, items: list[bytes]) -> bytes:
        """Put the items into one block, or sometimes into several, with or without their sizes."""
        if self.random.random() < 0.8:
            return (self._long(len(items)) + b"".join(items) if items else b"") + self._long(0)
        written = b""
        while items:
            taken = self.random.randint(1, len(items))
            data, items = b"".join(items[:taken]), items[taken:]
            with_size = self.random.random() < 0.5
            head = self._long(-taken) + self._long(len(data)) if with_size else self._long(taken)
            written += head + data
        return written + self._long(0)

    def _long(self, value: int) -> bytes:
        """A varint, sometimes longer than necessary."""
        bits = value << 1 if value >= 0 else (-value << 1) - 1
        written = []
        while bits > 0x7F:
            written.append(bits & 0x7F | 0x80)
            bits >>= 7
        written.append(bits)
        if self.random.random() < 0.02 and len(written) < 9:
            written[-1] |= 0x80
            written.append(0)
        return bytes(written)
