"""JSON for a contract, written as text, to vary escapes, spaces and the order of keys."""

import json
import struct
from base64 import b64encode

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
SPACES = ("", "", "", " ", "\n", "\t ", "\r\n")


class JsonBodies(Drawing):
    """Draws JSON for types of a contract."""

    def whole(self, record: Record) -> bytes:
        """Draw a body; the badness is the chance that each part is wrong."""
        return self._spaced(self._json(record)).encode()

    def _json(self, avro_type: AvroType) -> str:
        if self.random.random() < self.badness:
            return self.random.choice(STRANGE)
        match avro_type:
            case Record():
                return self._json_record(avro_type)
            case Array(items=items):
                inner = [self._spaced(self._json(items)) for _ in range(self._count())]
                return f"[{','.join(inner) or self._spaced('')}]"
            case Map(values=values):
                pairs = [(self._text(), self._json(values)) for _ in range(self._count())]
                pairs = list(dict(pairs).items())
                if pairs and self.random.random() < self.badness:
                    again = self.random.choice(pairs)[0]
                    pairs.insert(self.random.randint(0, len(pairs)), (again, self._json(values)))
                return self._json_object(pairs)
            case Union(branches=branches):
                return self._json(self.random.choice(branches))
            case Enum(symbols=symbols):
                return self._quoted(self.random.choice(symbols))
            case AvroDecimal():
                return self._json_decimal(avro_type)
            case Fixed(logical="uuid") if self.random.random() < 0.7:
                return self._quoted(self.random.choice(UUIDS))
            case Fixed(size=size):
                return self._quoted(b64encode(self.random.randbytes(size)).decode())
            case Primitive():
                return self._json_primitive(avro_type)

    def _json_record(self, record: Record) -> str:
        pairs = []
        for field in record.fields:
            if field.has_default and self.random.random() < 0.4:
                continue
            name = field.name if self.random.random() < 0.8 else self.random.choice(field.names)
            pairs.append((name, self._json(field.type)))
        if self.random.random() < self.badness:
            again = self.random.choice(record.fields)
            pairs.append((self.random.choice(again.names), self._json(again.type)))
        if self.random.random() < self.badness:
            pairs.append((self._text(), "1"))
        if self.random.random() < self.badness and pairs:
            pairs.pop(self.random.randrange(len(pairs)))
        if self.random.random() < 0.3:
            self.random.shuffle(pairs)
        return self._json_object(pairs)

    def _json_object(self, pairs: list[tuple[str, str]]) -> str:
        inner = [f"{self._spaced(self._quoted(key))}:{self._spaced(text)}" for key, text in pairs]
        return f"{{{','.join(inner) or self._spaced('')}}}"

    def _json_primitive(self, primitive: Primitive) -> str:
        if primitive.logical not in (None, "uuid") and self.random.random() < 0.5:
            return self._quoted(self._time(str(primitive.logical)))
        match primitive.logical or primitive.kind:
            case "null":
                return "null"
            case "boolean":
                return self.random.choice(["true", "false"])
            case "string":
                return self._quoted(self._text())
            case "uuid":
                return self._quoted(self.random.choice(UUIDS))
            case "bytes":
                return self._quoted(b64encode(self.random.randbytes(self._count())).decode())
            case "float" | "double":
                return self._json_number()
        return str(self._integer(primitive))

    def _json_number(self) -> str:
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

    def _json_decimal(self, decimal: AvroDecimal) -> str:
        digits = str(self.random.randint(0, 10 ** self.random.randint(1, decimal.precision) - 1))
        before, after = digits, ""
        if decimal.scale:
            digits = digits.zfill(decimal.scale + 1)
            before, after = digits[: -decimal.scale], "." + digits[-decimal.scale :]
        number = f"{self.random.choice(['', '-'])}{before}{after}"
        if self.random.random() < 0.3:
            number += f"e{self.random.randint(-2, 2)}"
        return self._quoted(number) if self.random.random() < 0.3 else number

    def _time(self, logical: str) -> str:
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

    def _quoted(self, text: str) -> str:
        """Write a JSON string, sometimes with more escapes than necessary."""
        if self.random.random() < 0.85:
            return json.dumps(text, ensure_ascii=self.random.random() < 0.3)
        every = "".join(f"\\u{unit:04x}" for unit in _units(text))
        return f'"{every.upper().replace("U", "u") if self.random.random() < 0.3 else every}"'

    def _spaced(self, text: str) -> str:
        return f"{self.random.choice(SPACES)}{text}{self.random.choice(SPACES)}"


def _units(text: str) -> list[int]:
    data = text.encode("utf-16-be", "surrogatepass")
    return list(struct.unpack(f">{len(data) // 2}H", data))
