"""The rules of a contract's fields: read, and checked against the field's type."""

import re
import sys
from dataclasses import replace
from decimal import Decimal
from typing import Any, NoReturn, TypeGuard

from shared.values.avro_types import (
    NULL,
    AvroDecimal,
    AvroType,
    Json,
    Number,
    Primitive,
    Rules,
    SchemaError,
    Union,
)

RULE_NAMES = {
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusiveMinimum": "exclusive_minimum",
    "exclusiveMaximum": "exclusive_maximum",
    "minLength": "min_length",
    "maxLength": "max_length",
    "pattern": "pattern",
}
LENGTH_RULES = ("minLength", "maxLength", "pattern")
BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


def with_rules(avro_type: AvroType, rules: dict[str, Json], path: str) -> AvroType:
    """Add a field's rules to its type; raises SchemaError where they do not fit."""
    if isinstance(avro_type, Union):
        return _union_with_rules(avro_type, rules, path)
    if not _takes_rules(avro_type):
        _refuse(path, f"rule {next(iter(rules))} fits numbers and strings only")
    checked = {
        RULE_NAMES[name]: _rule(name, value, avro_type, path) for name, value in rules.items()
    }
    parsed = Rules(**checked)
    if _is_contradictory(parsed):
        _refuse(path, "its rules allow no value")
    return replace(avro_type, rules=parsed)


def _union_with_rules(union: Union, rules: dict[str, Json], path: str) -> Union:
    others = [branch for branch in union.branches if branch != NULL]
    if len(others) != 1:
        _refuse(path, "rules need exactly one type beside null")
    ruled = with_rules(others[0], rules, path)
    return Union(branches=tuple(b if b == NULL else ruled for b in union.branches))


def _takes_rules(avro_type: AvroType) -> TypeGuard[Primitive | AvroDecimal]:
    return isinstance(avro_type, AvroDecimal) or (
        isinstance(avro_type, Primitive) and avro_type.logical is None
    )


def _rule(name: str, value: Json, avro_type: Primitive | AvroDecimal, path: str) -> Any:
    kind = "decimal" if isinstance(avro_type, AvroDecimal) else avro_type.kind
    fitting = LENGTH_RULES if kind == "string" else BOUNDS
    if name not in fitting or kind in ("null", "boolean", "bytes"):
        _refuse(path, f"rule {name} does not fit type {kind}")
    if name == "pattern":
        return _pattern(value, path)
    if isinstance(value, bool) or not isinstance(value, int | float):
        _refuse(path, f"rule {name} is no number")
    if not abs(value) <= sys.float_info.max:
        _refuse(path, f"rule {name} is NaN, or beyond what a double holds")
    if name in LENGTH_RULES and (not isinstance(value, int) or value < 0):
        _refuse(path, f"rule {name} is no count")
    # Use the shortest decimal form, so 0.1 is exactly 0.1.
    return Decimal(str(value)) if kind == "decimal" else value


def _pattern(value: Json, path: str) -> re.Pattern[str]:
    if not isinstance(value, str):
        _refuse(path, "rule pattern is no string")
    try:
        # As in JSON Schema, whose patterns are ECMA-262's: a digit is an ASCII digit.
        return re.compile(value, re.ASCII)
    except (re.error, OverflowError, RecursionError) as error:
        raise SchemaError(path, f"rule pattern is no regular expression: {error}") from error


def _is_contradictory(rules: Rules) -> bool:
    inf = float("inf")
    low: Number = max(_or(rules.minimum, -inf), _or(rules.exclusive_minimum, -inf))
    high: Number = min(_or(rules.maximum, inf), _or(rules.exclusive_maximum, inf))
    open_ended = low in (rules.exclusive_minimum,) or high in (rules.exclusive_maximum,)
    shortest, longest = _or(rules.min_length, 0), _or(rules.max_length, inf)
    return low > high or (low == high and open_ended) or shortest > longest


def _or(value: Number | None, otherwise: float) -> Number:
    return otherwise if value is None else value


def _refuse(path: str, problem: str) -> NoReturn:
    raise SchemaError(path, problem)
