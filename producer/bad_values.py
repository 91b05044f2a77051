"""Values that break a contract for one reason, and the places for them in an event."""

from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum as Symbols
from math import ceil, floor, inf, nan, nextafter
from random import Random
from typing import Any

from producer.synthesis import synthesize
from shared.values.avro_types import (
    NO_RULES,
    Array,
    AvroDecimal,
    AvroType,
    Enum,
    Fixed,
    Map,
    Number,
    Primitive,
    Record,
    Rules,
    Union,
)
from shared.values.checking import check
from shared.values.rejection import Reason, RejectedError


class Inside(Symbols):
    """A step into a value without field names."""

    ARRAY = "[]"
    MAP = "{}"


Steps = tuple[str | Inside, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BadValue:
    """A value, and the steps from the event to where it breaks the contract."""

    steps: Steps
    value: Any


def find_bad_value(record: Record, reason: Reason) -> BadValue | None:
    """Find the first place where some candidate breaks the contract for exactly this reason."""
    for steps, avro_type in _places(record, ()):
        for value in CANDIDATES[reason](avro_type):
            if steps and _is_rejected(value, avro_type, reason):
                return BadValue(steps=steps, value=value)
    return None


def put_value(event: Any, avro_type: AvroType, steps: Steps, value: Any) -> Any:
    """Copy an event with another value at the end of the steps; make what is missing there."""
    if not steps:
        return value
    match _beside_null(avro_type):
        case Record() as record:
            name = str(steps[0])
            parts = event if isinstance(event, dict) else synthesize(record, Random(0))
            field = record.by_name[name]
            part = put_value(parts.get(name), field.type, steps[1:], value)
            others = {key: item for key, item in parts.items() if key not in field.names}
            return {**others, name: part}
        case Array(items=items):
            return [put_value(None, items, steps[1:], value)]
        case Map(values=values):
            return {"key": put_value(None, values, steps[1:], value)}
    return value


def _places(avro_type: AvroType | None, steps: Steps) -> Iterator[tuple[Steps, AvroType]]:
    """List every place that one type alone judges, so not a choice of several types."""
    if avro_type is None:
        return
    if not isinstance(avro_type, Union):
        yield steps, avro_type
    match avro_type:
        case Record(fields=fields):
            for item in fields:
                yield from _places(item.type, (*steps, item.name))
        case Array(items=items):
            yield from _places(items, (*steps, Inside.ARRAY))
        case Map(values=values):
            yield from _places(values, (*steps, Inside.MAP))
        case Union():
            yield from _places(_beside_null(avro_type), steps)


def _beside_null(avro_type: AvroType) -> AvroType | None:
    return avro_type.beside_null if isinstance(avro_type, Union) else avro_type


def _is_rejected(value: Any, avro_type: AvroType, reason: Reason) -> bool:
    try:
        check(value, avro_type)
    except RejectedError as rejected:
        return rejected.reason == reason
    return False


def _is(avro_type: AvroType, *kinds: str) -> bool:
    return isinstance(avro_type, Primitive) and avro_type.kind in kinds


def _missing_field(avro_type: AvroType) -> Iterable[Any]:
    return [{}] if isinstance(avro_type, Record) else []


def _wrong_type(_: AvroType) -> Iterable[Any]:
    return [{"unexpected": True}, "text where an object belongs"]


def _out_of_range(avro_type: AvroType) -> Iterable[Any]:
    if isinstance(avro_type, AvroDecimal):
        return [10**avro_type.precision]
    if isinstance(avro_type, Fixed):
        return [b64encode(bytes(avro_type.size + 1)).decode()]
    return [2**31, 2**63, 1e300] if _is(avro_type, "int", "long", "float") else []


def _not_finite(avro_type: AvroType) -> Iterable[Any]:
    return [nan] if _is(avro_type, "float", "double") else []


def _unknown_symbol(avro_type: AvroType) -> Iterable[Any]:
    return ["NO_SUCH_SYMBOL", "_NO_SUCH_SYMBOL"] if isinstance(avro_type, Enum) else []


def _bad_base64(avro_type: AvroType) -> Iterable[Any]:
    return ["no base64"] if _is(avro_type, "bytes") or isinstance(avro_type, Fixed) else []


def _bad_decimal(avro_type: AvroType) -> Iterable[Any]:
    return ["1,5"] if isinstance(avro_type, AvroDecimal) else []


def _bad_uuid(avro_type: AvroType) -> Iterable[Any]:
    return ["no-uuid"] if _is(avro_type, "string") or isinstance(avro_type, Fixed) else []


def _bad_date(avro_type: AvroType) -> Iterable[Any]:
    return ["2026-02-30"] if _is(avro_type, "int") else []


def _bad_time(avro_type: AvroType) -> Iterable[Any]:
    return ["25:00"] if _is(avro_type, "int", "long") else []


def _bad_timestamp(avro_type: AvroType) -> Iterable[Any]:
    return ["2026-02-30T12:00:00Z"] if _is(avro_type, "long") else []


def _numbers_around(bound: Number | None) -> Iterable[Any]:
    if bound is None:
        return []
    low, high = nextafter(bound, -inf), nextafter(bound, inf)
    return [floor(bound), floor(bound) - 1, ceil(bound), ceil(bound) + 1, bound, low, high]


def _rule_minimum(avro_type: AvroType) -> Iterable[Any]:
    return _numbers_around(_rules(avro_type).minimum)


def _rule_maximum(avro_type: AvroType) -> Iterable[Any]:
    return _numbers_around(_rules(avro_type).maximum)


def _rule_exclusive_minimum(avro_type: AvroType) -> Iterable[Any]:
    return _numbers_around(_rules(avro_type).exclusive_minimum)


def _rule_exclusive_maximum(avro_type: AvroType) -> Iterable[Any]:
    return _numbers_around(_rules(avro_type).exclusive_maximum)


def _rule_min_length(avro_type: AvroType) -> Iterable[Any]:
    return ["x" * ((_rules(avro_type).min_length or 1) - 1)] if _is(avro_type, "string") else []


def _rule_max_length(avro_type: AvroType) -> Iterable[Any]:
    longest = _rules(avro_type).max_length
    return [] if longest is None else ["x" * (longest + 1)]


def _rule_pattern(avro_type: AvroType) -> Iterable[Any]:
    rules = _rules(avro_type)
    if rules.pattern is None:
        return []
    return [character * max(rules.min_length or 0, 1) for character in "! ~0aA\u00e9\n"] + [""]


def _rules(avro_type: AvroType) -> Rules:
    return avro_type.rules if isinstance(avro_type, Primitive | AvroDecimal) else NO_RULES


CANDIDATES: Mapping[Reason, Callable[[AvroType], Iterable[Any]]] = {
    Reason.MISSING_FIELD: _missing_field,
    Reason.WRONG_TYPE: _wrong_type,
    Reason.OUT_OF_RANGE: _out_of_range,
    Reason.NOT_FINITE: _not_finite,
    Reason.UNKNOWN_SYMBOL: _unknown_symbol,
    Reason.BAD_BASE64: _bad_base64,
    Reason.BAD_DECIMAL: _bad_decimal,
    Reason.BAD_UUID: _bad_uuid,
    Reason.BAD_DATE: _bad_date,
    Reason.BAD_TIME: _bad_time,
    Reason.BAD_TIMESTAMP: _bad_timestamp,
    Reason.RULE_MINIMUM: _rule_minimum,
    Reason.RULE_MAXIMUM: _rule_maximum,
    Reason.RULE_EXCLUSIVE_MINIMUM: _rule_exclusive_minimum,
    Reason.RULE_EXCLUSIVE_MAXIMUM: _rule_exclusive_maximum,
    Reason.RULE_MIN_LENGTH: _rule_min_length,
    Reason.RULE_MAX_LENGTH: _rule_max_length,
    Reason.RULE_PATTERN: _rule_pattern,
}
