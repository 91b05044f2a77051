"""A contract as the native core takes it: nested tuples of plain values, each type's name first.

What is easier said in Python is worked out here: bounds in the field's own numbers, and the bytes
of defaults, which are the reference's.
"""

from collections.abc import Callable
from decimal import Context, Decimal
from io import BytesIO
from math import ceil, floor, inf, nextafter
from typing import Any, TypeAlias

from fastavro import parse_schema, schemaless_writer

from shared.avro_schema import (
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
from shared.native_pattern import translate_pattern
from shared.validation import check

Plan: TypeAlias = tuple[Any, ...]
# Beyond every number that a field can hold, in units.
FARTHEST = 10**38
WIDE = Context(prec=1000)


def make_plan(avro_type: AvroType) -> Plan:
    """Make the plan of a type; raises UnsupportedError for what the native core cannot do."""
    match avro_type:
        case Primitive():
            return _primitive(avro_type)
        case Fixed(logical="uuid"):
            return ("uuid_bytes",)
        case Fixed(size=size):
            return ("fixed", size)
        case AvroDecimal(storage=storage, precision=precision, scale=scale, rules=rules):
            bounds = _bounds(rules, lambda bound, up: _units(bound, scale, up=up))
            fixed_size = storage.size if isinstance(storage, Fixed) else None
            return ("decimal", fixed_size, precision, scale, bounds)
        case Enum(symbols=symbols):
            return ("enum", list(symbols))
        case Array(items=items):
            return ("array", make_plan(items))
        case Map(values=values):
            return ("map", make_plan(values))
        case Union(branches=branches):
            listed = ", ".join(branch_name(branch) for branch in branches)
            return ("union", [make_plan(branch) for branch in branches], listed)
        case Record(fields=fields):
            return ("record", tuple(_field(field) for field in fields))


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
            return ("string", rules.min_length, rules.max_length, pattern)
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


def _field(field: Field) -> Plan:
    default = _encode_default(field) if field.has_default else None
    return (list(field.names), make_plan(field.type), default)


def _encode_default(field: Field) -> bytes:
    encoded = BytesIO()
    value = check(field.default, field.type)
    schemaless_writer(encoded, parse_schema(_document(field.type, set())), value)
    return encoded.getvalue()


def _document(avro_type: AvroType, declared: set[str]) -> Any:
    """The type as Avro's JSON, without what a value that is checked does not need."""
    match avro_type:
        case Primitive(kind=kind):
            return kind
        case AvroDecimal(storage=storage):
            return _document(storage, declared)
        case Array(items=items):
            return {"type": "array", "items": _document(items, declared)}
        case Map(values=values):
            return {"type": "map", "values": _document(values, declared)}
        case Union(branches=branches):
            return [_document(branch, declared) for branch in branches]
    if avro_type.full_name in declared:
        return avro_type.full_name
    declared.add(avro_type.full_name)
    match avro_type:
        case Fixed(full_name=name, size=size):
            return {"type": "fixed", "name": name, "size": size}
        case Enum(full_name=name, symbols=symbols):
            return {"type": "enum", "name": name, "symbols": list(symbols)}
        case Record(full_name=name, fields=fields):
            parts = [
                {"name": field.name, "type": _document(field.type, declared)} for field in fields
            ]
            return {"type": "record", "name": name, "fields": parts}


def _bounds(rules: Rules, convert: Callable[[Any, bool], Any]) -> Plan:
    """Each bound as the least or the greatest of the field's numbers that compares like it."""
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
    """The float beside a bound, which is an integer or a float itself."""
    try:
        near = float(bound)
    except OverflowError:
        near = inf if bound > 0 else -inf
    if up:
        return nextafter(near, inf) if near < bound else near
    return nextafter(near, -inf) if near > bound else near
