"""A contract as the native core takes it: nested tuples of plain values, each type's name first.

Python prepares what is easier in Python: bounds as the field's own numbers, and defaults as the
bytes that the reference writes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Context, Decimal
from io import BytesIO
from math import ceil, floor, inf, nextafter
from typing import Any, TypeAlias

from fastavro import parse_schema, schemaless_writer
from fastavro.types import NamedSchemas

from shared.contracts.contract import Contract
from shared.encoding.native_pattern import UnsupportedError, translate_pattern
from shared.values.avro_types import (
    Array,
    AvroDecimal,
    AvroType,
    Enum,
    Field,
    Fixed,
    Map,
    Primitive,
    Record,
    Rules,
    Union,
    branch_name,
)
from shared.values.checking import check

Plan: TypeAlias = tuple[Any, ...]
# Beyond every number that a field can hold, in units.
FARTHEST = 10**38
GREATEST_SIZE = 2**63 - 1
# A named type is repeated wherever it is used.
MOST_PARTS = 10_000
WIDE = Context(prec=1000)


def make_plan(contract: Contract) -> Plan:
    """Make a contract's plan; raises UnsupportedError for what the native core cannot do."""
    named: NamedSchemas = {}
    parse_schema({**contract.schema}, named)
    return _Planner(named=named).plan(contract.record)


@dataclass(slots=True, kw_only=True)
class _Planner:
    """`named` has the contract's named types as fastavro takes them, by full name."""

    named: NamedSchemas
    parts: int = 0

    def plan(self, avro_type: AvroType) -> Plan:
        self.parts += 1
        if self.parts > MOST_PARTS:
            message = f"its types, written out, are more than {MOST_PARTS:,}"
            raise UnsupportedError(message)
        match avro_type:
            case Primitive():
                return _primitive(avro_type)
            case Fixed(logical="uuid"):
                return ("uuid_bytes",)
            case Fixed(size=size):
                return ("fixed", _size(size))
            case AvroDecimal(storage=storage, precision=precision, scale=scale, rules=rules):
                bounds = _bounds(rules, lambda bound, up: _units(bound, scale, up=up))
                fixed_size = _size(storage.size) if isinstance(storage, Fixed) else None
                return ("decimal", fixed_size, precision, scale, bounds)
            case Enum(symbols=symbols):
                return ("enum", list(symbols))
            case Array(items=items):
                return ("array", self.plan(items))
            case Map(values=values):
                return ("map", self.plan(values))
            case Union(branches=branches):
                listed = ", ".join(branch_name(branch) for branch in branches)
                return ("union", [self.plan(branch) for branch in branches], listed)
            case Record(fields=fields):
                return ("record", tuple(self._field(field) for field in fields))

    def _field(self, field: Field) -> Plan:
        default = self._encode_default(field) if field.has_default else None
        return (list(field.names), self.plan(field.type), default)

    def _encode_default(self, field: Field) -> bytes:
        # In a record without a namespace, which would change names, and with a name that no type
        # of the contract has.
        document = {
            "type": "record",
            "name": "",
            "fields": [{"name": field.name, "type": _reference(field.type)}],
        }
        encoded = BytesIO()
        value = check(field.default, field.type)
        schemaless_writer(encoded, parse_schema(document, self.named), {field.name: value})
        return encoded.getvalue()


def _primitive(primitive: Primitive) -> Plan:
    rules = primitive.rules
    match primitive.logical, primitive.kind:
        case None, ("int" | "long") as kind:
            return (
                kind,
                _bounds(rules, lambda bound, up: _clamp(ceil(bound) if up else floor(bound))),
            )
        case None, ("float" | "double") as kind:
            return (kind, _bounds(rules, lambda bound, up: _nearest(bound, up=up)))
        case None, "string":
            pattern = rules.pattern and (rules.pattern.pattern, translate_pattern(rules.pattern))
            lengths = (rules.min_length, rules.max_length)
            return ("string", *(length and _size(length) for length in lengths), pattern)
        case None, kind:
            return (kind,)
        case ("uuid" | "date") as logical, _:
            return (logical,)
        case logical, _:
            named, _, unit = str(logical).rpartition("-")
            micros = 1 if unit == "micros" else 1000
            return (
                ("time", micros) if named == "time" else ("timestamp", micros, named == "timestamp")
            )


def _size(size: int) -> int:
    if size > GREATEST_SIZE:
        message = "a size or a length beyond 2^63 - 1"
        raise UnsupportedError(message)
    return size


def _reference(avro_type: AvroType) -> Any:
    """The type as Avro's JSON: named types by name, and no logical types, as values are checked."""
    match avro_type:
        case Primitive(kind=kind):
            return kind
        case AvroDecimal(storage=storage):
            return _reference(storage)
        case Array(items=items):
            return {"type": "array", "items": _reference(items)}
        case Map(values=values):
            return {"type": "map", "values": _reference(values)}
        case Union(branches=branches):
            return [_reference(branch) for branch in branches]
        case Fixed(full_name=name) | Enum(full_name=name) | Record(full_name=name):
            return name


def _bounds(rules: Rules, convert: Callable[[Any, bool], Any]) -> Plan:
    """Each bound as the nearest of the field's own numbers that gives the same comparison."""
    bounds = (
        (rules.minimum, True),
        (rules.maximum, False),
        (rules.exclusive_minimum, False),
        (rules.exclusive_maximum, True),
    )
    return tuple(
        None if bound is None else (convert(bound, up), str(bound)) for bound, up in bounds
    )


def _clamp(bound: int) -> int:
    return max(-FARTHEST, min(bound, FARTHEST))


def _units(bound: Decimal, scale: int, *, up: bool) -> int:
    """A decimal field's bound in units of its last place."""
    units = bound.scaleb(scale, WIDE)
    return _clamp(ceil(units) if up else floor(units))


def _nearest(bound: float, *, up: bool) -> float:
    """The nearest float that gives the same comparison as a bound, an integer or a float."""
    try:
        near = float(bound)
    except OverflowError:
        near = inf if bound > 0 else -inf
    if up:
        return nextafter(near, inf) if near < bound else near
    return nextafter(near, -inf) if near > bound else near
