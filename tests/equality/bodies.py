"""Bodies for a contract, drawn from a random source: good, bad in one place, and broken bytes.

Written as text and bytes here, not by an encoder: so that escapes, spaces, the order of keys, long
varints and split blocks come too.
"""

import json
import struct
from base64 import b64encode
from random import Random

from shared.avro_schema import (
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
from tests.equality.schemas import PATTERNS

UUIDS = ("00010203-0405-0607-0809-0a0b0c0d0e0f", "FFFFFFFF-ffff-ABCD-abcd-0123456789ab")
STRANGE = (
    "null", "true", "false", "0", "-0", "-0.0", "-1", "1.0", "1e2", "1E-2", "2147483647",
    "2147483648", "-2147483649", "9223372036854775807", "9223372036854775808",
    "-9223372036854775808", "-9223372036854775809", "1e400", "-1e400", "1e-400", "3.5e38",
    "340282346638528859811704183484516925440", "123456789012345678901234567890.5", "1" + "0" * 38,
    "9" * 401, "1" + "0" * 308, "17976931348623158" + "0" * 292, "0." + "0" * 50 + "1",
    "1e999999999999999999999", "1e-999999999999999999999", "0e999999999999999999999",
    "NaN", "Infinity", "-Infinity", '""', '"x"', '"A"', '"\\ud800"', '"\\udc00\\ud800"',
    '"\\ud83d\\ude00"', '"\\u0000"', '"AAAA"', '"AAA="', '"AA=="', '"AB=="', '"AA="', '"A==="',
    '"1.5"', '"-0"', '"1e3"', '"01"', '" 1"', '"2026-01-01"', '"2026-02-30"', '"0000-01-01"',
    '"9999-12-31"', '"2026-01-01T00:00"', '"2026-01-01T00:00Z"', '"2026-01-01t00:00:60z"',
    '"2026-01-01 23:59:59.1234567890Z"', '"9999-12-31T23:59:59.999999-00:01"',
    '"0001-01-01T00:00:00+00:01"', '"2026-01-01T00:00:00.123456789+23:59"',
    '"2026-01-01T00:00:00+24:00"', '"2026-01-01T00:00:00-0160"', '"12:00"', '"24:00"',
    '"23:59:59.999999999"', '"12:00:00."', "[]", "[[]]", "[null]", "{}", '{"a":{}}',
    '{"k":1,"k":1}', '{"\\ud800":1}', '{"q\\"\\n":1}', '{"b":1,"a":1,"b":2,"a":2}',
)  # fmt: skip
BROKEN = (
    b"", b" ", b"\xef\xbb\xbf", b'"', b"\\", b"\\u", b"\\ud83d", b"\\udE00", b"\\uZZZZ", b"\\x",
    b"\x00", b"\n", b"\xff", b"\xed\xa0\x80", b"\xc3\xa9", b"\xf0\x9f\x98\x80", b",", b":", b"{",
    b"}", b"[", b"]", b"-", b".", b"e", b"+", b"0", b"00", b"1", b"nul", b"tru", b"Infinit",
    b"-Infinit", b"// c", b"[" * 200, b'{"a":' * 130, b"[" * 127 + b"]" * 127,
    b"\x80", b"\x80\x00", b"\xfe\xff\xff\xff\x0f", b"\xff" * 9 + b"\x01", b"\xff" * 9 + b"\x02",
    b"\xff" * 10, b"\x01\x00", b"\x01\x02", b"\x02", b"\x04",
)  # fmt: skip
SPACES = ("", "", "", " ", "\n", "\t ", "\r\n")
CHARACTERS = "aAbz09 _-.,:;{}[]/'\u00e9\u20ac\U0001f600\u2028\x7f\n\t\"\\\x00\x1f"


class Bodies:
    """Draws bodies for one contract; `badness` is the chance of each part to be something else."""

    def __init__(self, random: Random, record: Record) -> None:
        self.random, self.record = random, record
        self.badness = 0.0
        self.made: list[bytes] = [b"{}"]

    def body(self) -> tuple[bytes, bool]:
        """A body, and whether it is called Avro."""
        avro = self.random.random() < 0.35
        self.badness = self.random.choice([0.0, 0.0, 0.02, 0.2])
        body = self.avro(self.record) if avro else self.spaced(self.json(self.record)).encode()
        if self.random.random() < 0.3:
            body = self.broken(body)
        self.made = [*self.made[-5:], body]
        return body, avro != (self.random.random() < 0.02)

    def broken(self, body: bytes) -> bytes:
        """The body, of which some is cut out and something else put there."""
        for _ in range(self.random.randint(1, 2)):
            start = self.random.randint(0, len(body))
            end = min(len(body), start + self.random.choice([0, 0, 1, 1, 2, 8, len(body)]))
            byte = bytes([self.random.randrange(256)])
            put = self.random.choice([self.random.choice(BROKEN), byte, self.part()])
            body = body[:start] + put + body[end:]
        return body

    def part(self) -> bytes:
        """Some of a body that was made before."""
        body = self.random.choice(self.made)
        start = self.random.randint(0, len(body))
        return body[start : start + self.random.randint(0, 12)]

    # JSON

    def json(self, avro_type: AvroType) -> str:
        if self.random.random() < self.badness:
            return self.random.choice(STRANGE)
        match avro_type:
            case Record():
                return self.json_record(avro_type)
            case Array(items=items):
                inner = [self.spaced(self.json(items)) for _ in range(self.count())]
                return f"[{','.join(inner) or self.spaced('')}]"
            case Map(values=values):
                pairs = [(self.text(), self.json(values)) for _ in range(self.count())]
                return self.json_object(list(dict(pairs).items()))
            case Union(branches=branches):
                return self.json(self.random.choice(branches))
            case Enum(symbols=symbols):
                return self.quoted(self.random.choice(symbols))
            case AvroDecimal():
                return self.json_decimal(avro_type)
            case Fixed(logical="uuid") if self.random.random() < 0.7:
                return self.quoted(self.random.choice(UUIDS))
            case Fixed(size=size):
                return self.quoted(b64encode(self.random.randbytes(size)).decode())
            case Primitive():
                return self.json_primitive(avro_type)

    def json_record(self, record: Record) -> str:
        pairs = []
        for field in record.fields:
            if field.has_default and self.random.random() < 0.4:
                continue
            name = field.name if self.random.random() < 0.8 else self.random.choice(field.names)
            pairs.append((name, self.json(field.type)))
        if self.random.random() < self.badness:
            again = self.random.choice(record.fields)
            pairs.append((self.random.choice(again.names), self.json(again.type)))
        if self.random.random() < self.badness:
            pairs.append((self.text(), "1"))
        if self.random.random() < self.badness and pairs:
            pairs.pop(self.random.randrange(len(pairs)))
        if self.random.random() < 0.3:
            self.random.shuffle(pairs)
        return self.json_object(pairs)

    def json_object(self, pairs: list[tuple[str, str]]) -> str:
        inner = [f"{self.spaced(self.quoted(key))}:{self.spaced(text)}" for key, text in pairs]
        return f"{{{','.join(inner) or self.spaced('')}}}"

    def json_primitive(self, primitive: Primitive) -> str:
        if primitive.logical not in (None, "uuid") and self.random.random() < 0.5:
            return self.quoted(self.time(str(primitive.logical)))
        match primitive.logical or primitive.kind:
            case "null":
                return "null"
            case "boolean":
                return self.random.choice(["true", "false"])
            case "string":
                return self.quoted(self.text())
            case "uuid":
                return self.quoted(self.random.choice(UUIDS))
            case "bytes":
                return self.quoted(b64encode(self.random.randbytes(self.count())).decode())
            case "float" | "double":
                return self.json_number()
        return str(self.integer(primitive))

    def json_number(self) -> str:
        random = self.random
        return random.choice(
            [
                repr(random.uniform(-1e3, 1e3)),
                repr(struct.unpack("<d", random.randbytes(8))[0]).replace("nan", "1"),
                str(random.randint(-(10**6), 10**6)),
                str(random.randint(-(10**24), 10**24)),
                f"{random.randint(-999, 999)}.{random.randint(0, 10**20)}",
                f"{random.randint(0, 99)}e{random.randint(-330, 330)}",
                f"{random.randint(0, 2**60)}E{random.choice('+-')}{random.randint(0, 25):03}",
            ]
        ).replace("inf", "1")

    def json_decimal(self, decimal: AvroDecimal) -> str:
        digits = str(self.random.randint(0, 10 ** self.random.randint(1, decimal.precision) - 1))
        before, after = digits, ""
        if decimal.scale:
            digits = digits.zfill(decimal.scale + 1)
            before, after = digits[: -decimal.scale], "." + digits[-decimal.scale :]
        number = f"{self.random.choice(['', '-'])}{before}{after}"
        if self.random.random() < 0.3:
            number += f"e{self.random.randint(-2, 2)}"
        return self.quoted(number) if self.random.random() < 0.3 else number

    def integer(self, primitive: Primitive) -> int:
        bits = 31 if primitive.kind == "int" else 63
        width = self.random.choice([3, 7, 14, bits])
        if primitive.logical and self.random.random() < 0.9:
            return self.random.randint(0, 10**7 if bits == 31 else 10**10)
        return self.random.randint(-(2**width), 2**width - 1)

    def time(self, logical: str) -> str:
        random = self.random
        year, month, day = random.randint(1, 9999), random.randint(1, 12), random.randint(1, 29)
        date = f"{year:04}-{month:02}-{day:02}"
        fraction = str(random.randint(0, 999_999_999))
        seconds = f":{random.randint(0, 59):02}" + random.choice(["", f".{fraction}"])
        clock = f"{random.randint(0, 23):02}:{random.randint(0, 59):02}" + random.choice(
            ["", seconds]
        )
        offset = f"{random.choice('+-')}{random.randint(0, 23):02}{random.choice(['', ':'])}30"
        zone = random.choice(["Z", "z", offset])
        if logical == "date":
            return date
        if logical.startswith("time-"):
            return clock
        return f"{date}{random.choice('Tt ')}{clock}{'' if logical.startswith('local') else zone}"

    def text(self) -> str:
        random = self.random
        if random.random() < 0.3:
            return random.choice(PATTERNS[random.choice(list(PATTERNS))])
        if random.random() < 0.3:
            return "".join(
                random.choice("aab1 \n-A\u00e9\u20ac") for _ in range(random.randint(0, 6))
            )
        return "".join(random.choice(CHARACTERS) for _ in range(random.choice([0, 1, 2, 3, 9, 20])))

    def quoted(self, text: str) -> str:
        """As JSON writes a string, with more escapes than it must now and then."""
        if self.random.random() < 0.85:
            return json.dumps(text, ensure_ascii=self.random.random() < 0.3)
        every = "".join(f"\\u{unit:04x}" for unit in _units(text))
        return f'"{every.upper().replace("U", "u") if self.random.random() < 0.3 else every}"'

    def spaced(self, text: str) -> str:
        return f"{self.random.choice(SPACES)}{text}{self.random.choice(SPACES)}"

    def count(self) -> int:
        return self.random.choice(
            [0, 1, 2, 2, 3, 12, 70] if self.random.random() < 0.1 else [0, 1, 2]
        )

    # Avro

    def avro(self, avro_type: AvroType) -> bytes:
        match avro_type:
            case Record(fields=fields):
                return b"".join(self.avro(field.type) for field in fields)
            case Array(items=items):
                return self.blocks([self.avro(items) for _ in range(self.count())])
            case Map(values=values):
                keys = [self.text() for _ in range(self.count())]
                if self.random.random() >= self.badness:
                    keys = list(dict.fromkeys(keys))
                return self.blocks([self.avro_text(key) + self.avro(values) for key in keys])
            case Union(branches=branches):
                index = self.random.randrange(len(branches))
                return self.long(index) + self.avro(branches[index])
            case Enum(symbols=symbols):
                return self.long(self.random.randrange(len(symbols)))
            case AvroDecimal(storage=Fixed(size=size), precision=precision):
                return self.units(precision).to_bytes(size, "big", signed=True)
            case AvroDecimal(precision=precision):
                units = self.units(precision)
                size = units.bit_length() // 8 + 1 + self.random.choice([0, 0, 0, 1, 20])
                return self.long(size) + units.to_bytes(size, "big", signed=True)
            case Fixed(size=size):
                return self.random.randbytes(size)
            case Primitive():
                return self.avro_primitive(avro_type)

    def avro_primitive(self, primitive: Primitive) -> bytes:
        is_bad = self.random.random() < self.badness
        match primitive.logical or primitive.kind:
            case "null":
                return b""
            case "boolean":
                return bytes([self.random.randrange(256 if is_bad else 2)])
            case "uuid":
                return self.avro_text(self.random.choice(UUIDS))
            case "string":
                return self.avro_text(self.text())
            case "bytes":
                data = self.random.randbytes(self.count())
                return self.long(len(data)) + data
            case "float":
                return struct.pack("<f", self.random.uniform(-1e3, 1e3) if not is_bad else 1e999)
            case "double":
                return (
                    struct.pack("<d", self.random.uniform(-1e3, 1e3)) if not is_bad else b"\xff" * 8
                )
        return self.long(
            self.random.randint(-(2**63), 2**63 - 1) if is_bad else self.integer(primitive)
        )

    def units(self, precision: int) -> int:
        digits = self.random.randint(1, precision)
        return self.random.randint(-(10**digits) + 1, 10**digits - 1)

    def avro_text(self, text: str) -> bytes:
        data = text.encode()
        return self.long(len(data)) + data

    def blocks(self, items: list[bytes]) -> bytes:
        """The items in one block, or now and then in several, with their sizes or without."""
        if self.random.random() < 0.8:
            return (self.long(len(items)) + b"".join(items) if items else b"") + self.long(0)
        written = b""
        while items:
            taken = self.random.randint(1, len(items))
            data, items = b"".join(items[:taken]), items[taken:]
            with_size = self.random.random() < 0.5
            written += self.long(-taken) + self.long(len(data)) if with_size else self.long(taken)
            written += data
        return written + self.long(0)

    def long(self, value: int) -> bytes:
        """A varint, now and then longer than it must be."""
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


def _units(text: str) -> list[int]:
    data = text.encode("utf-16-be", "surrogatepass")
    return list(struct.unpack(f">{len(data) // 2}H", data))
