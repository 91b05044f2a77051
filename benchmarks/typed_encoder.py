"""The fastest plain Python we know: msgspec's typed decoding, and a generated encoder.

For comparison only. It checks the contract's types, bounds, symbols and uuids, and writes the bytes
that land. It does not detect duplicate keys, and does not say why or where it rejects a body.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import count
from struct import Struct
from typing import Annotated, Any, Literal

import msgspec

from shared.contracts.contract import Contract
from shared.contracts.origin import Origin
from shared.hub.events import Event
from shared.values.avro_types import (
    INT32,
    INT64,
    Array,
    AvroType,
    Enum,
    Field,
    Map,
    Primitive,
    Record,
    Union,
)

Encode = Callable[[Sequence[Event]], tuple[bytes, int]]
UUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TABLE = 1 << 14
LOOP = """
def encode(events):
    parts = []
    append = parts.append
    for event in events:
        try:
            value = decode(event.body)
        except MsgspecError:
            continue
        number, at = event.sequence_number, event.enqueued_at - EPOCH
{statements}
        append(b"".join(({expressions}, ORIGIN, {number}, {at})))
    return b"".join(parts), len(parts)
"""
MICROSECONDS = "({0}.days * 86400 + {0}.seconds) * 1000000 + {0}.microseconds"


def typed_decoder(contract: Contract) -> Any:
    """A msgspec decoder that checks bodies against the contract."""
    return msgspec.json.Decoder(_type(contract.record))


def typed_encoder(contract: Contract, origin: Origin) -> Encode:
    """Make a function that turns events into their records' bytes, in order, and their count."""
    maker = _Maker()
    expressions = list(maker.record("value", contract.record))
    place = origin.place
    constants = [
        _text(place.partition.hub),
        _varint(place.generation),
        _text(place.partition.partition_id),
    ]
    known: dict[str, Any] = {
        **maker.constants,
        "decode": typed_decoder(contract).decode,
        "MsgspecError": msgspec.MsgspecError,
        "ORIGIN": b"".join(constants),
    }
    source = LOOP.format(
        statements="\n".join(f"        {line}" for line in maker.statements),
        expressions=", ".join(expressions),
        number=_integer("number"),
        at=f"varint({MICROSECONDS.format('at')})",
    )
    exec(compile(source, "<generated>", "exec"), known)
    made: Encode = known["encode"]
    return made


def _varint(number: int) -> bytes:
    """Write fourteen bits at a time, from a table."""
    rest = (number << 1) ^ (number >> 63)
    written = b""
    while rest >= TABLE:
        written += MIDDLES[rest & (TABLE - 1)]
        rest >>= 14
    return written + ENDS[rest]


def _text(text: str) -> bytes:
    encoded = text.encode()
    length = len(encoded)
    return (SMALL[length] if length < len(SMALL) else _varint(length)) + encoded


def _type(avro_type: AvroType) -> Any:
    match avro_type:
        case Primitive(kind="string", logical="uuid"):
            return Annotated[str, msgspec.Meta(pattern=UUID)]
        case Primitive(kind="long", logical="timestamp-micros"):
            return Annotated[datetime, msgspec.Meta(tz=True)] | _bounded(INT64)
        case Primitive(kind="int" | "long" as kind, logical=None):
            return _bounded(INT32 if kind == "int" else INT64)
        case Primitive(kind="string" | "double" | "boolean" as kind, logical=None):
            return {"string": str, "double": float, "boolean": bool}[kind]
        case Enum(symbols=symbols):
            return Literal[symbols]
        case Record(full_name=name, fields=fields):
            members = [_member(field) for field in fields]
            simple = name.rpartition(".")[2]
            return msgspec.defstruct(simple, members, forbid_unknown_fields=True, kw_only=True)
        case Array(items=items):
            return list[_type(items)]  # type: ignore[misc] # made while it runs
        case Map(values=values):
            return dict[str, _type(values)]  # type: ignore[misc] # made while it runs
        case Union(beside_null=beside) if beside is not None:
            return _type(beside) | None
    message = f"the comparison's encoder is not made for {avro_type}"
    raise NotImplementedError(message)


def _bounded(bits: range) -> Any:
    return Annotated[int, msgspec.Meta(ge=bits[0], le=bits[-1])]


def _member(field: Field) -> tuple[str, Any] | tuple[str, Any, Any]:
    typed = _type(field.type)
    return (field.name, typed, field.default) if field.has_default else (field.name, typed)


def _integer(name: str) -> str:
    return f"(SMALL[{name}] if 0 <= {name} < {TABLE // 2} else varint({name}))"


class _Maker:
    """Generates the code: statements that name values, and expressions for their bytes."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.constants: dict[str, Any] = {
            "SMALL": SMALL,
            "EPOCH": EPOCH,
            "varint": _varint,
            "text": _text,
            "double": Struct("<d").pack,
            "micros": _micros,
        }
        self._names = (f"v{number}" for number in count())

    def record(self, value: str, record: Record) -> Iterator[str]:
        for field in record.fields:
            name = next(self._names)
            self.statements.append(f"{name} = {value}.{field.name}")
            if isinstance(field.type, Record):
                yield from self.record(name, field.type)
            elif isinstance(field.type, Primitive) and field.type.kind == "string":
                self.statements.append(f"{name} = {name}.encode()")
                yield _integer(f"len({name})")
                yield name
            else:
                yield self._expression(name, field.type)

    def _expression(self, name: str, avro_type: AvroType) -> str:
        match avro_type:
            case Primitive(kind="boolean"):
                return f'(b"\\1" if {name} else b"\\0")'
            case Primitive(kind="double"):
                return f"double({name})"
            case Primitive(kind="string"):
                return f"text({name})"
            case Primitive(logical="timestamp-micros"):
                return f"micros({name})"
            case Enum(symbols=symbols):
                table = next(self._names).upper()
                self.constants[table] = {symbol: _varint(i) for i, symbol in enumerate(symbols)}
                return f"{table}[{name}]"
            case Array(items=items):
                each = self._expression("item", items)
                return self._blocks(name, f"[{each} for item in {name}]")
            case Map(values=values):
                each = self._expression("item", values)
                return self._blocks(name, f"[text(k) + {each} for k, item in {name}.items()]")
            case Union(branches=branches, beside_null=beside) if beside is not None:
                null = branches.index(Primitive(kind="null"))
                some = f"{_varint(1 - null)!r} + {self._expression(name, beside)}"
                return f"({_varint(null)!r} if {name} is None else {some})"
            case _:
                return f"varint({name})"

    def _blocks(self, name: str, items: str) -> str:
        count_of = _integer(f"len({name})")
        return f'({count_of} + b"".join({items}) + b"\\0" if {name} else b"\\0")'


def _micros(at: datetime | int) -> bytes:
    if isinstance(at, int):
        return _varint(at)
    passed = at - EPOCH
    return _varint((passed.days * 86400 + passed.seconds) * 1_000_000 + passed.microseconds)


def _ends() -> Iterator[bytes]:
    for rest in range(TABLE):
        yield bytes([rest]) if rest < 128 else bytes([rest & 127 | 128, rest >> 7])


MIDDLES = [bytes([rest & 127 | 128, rest >> 7 | 128]) for rest in range(TABLE)]
ENDS = list(_ends())
SMALL = [_varint(number) for number in range(TABLE // 2)]
