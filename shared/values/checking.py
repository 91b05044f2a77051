"""Checks a value against its type: returns the form that is encoded, or rejects it."""

import re
from base64 import b64decode, b64encode
from datetime import timedelta
from decimal import Decimal
from math import isfinite
from typing import Any
from uuid import UUID

from shared.values.avro_types import (
    INT32,
    INT64,
    Array,
    AvroDecimal,
    AvroType,
    Enum,
    Field,
    Fixed,
    Map,
    Number,
    Primitive,
    Record,
    Rules,
    Union,
    branch_name,
)
from shared.values.decimals import check_decimal_bytes, decode_decimal, encode_decimal
from shared.values.iso_times import count_days, count_local_ticks, count_ticks, count_time
from shared.values.rejection import DuplicateKeyObject, Reason, RejectedError, at, key_step, reject


def check(value: Any, avro_type: AvroType) -> Any:
    """Return the value in the form that the encoder takes; raises RejectedError.

    Timestamps and dates become integers in their type's unit, integers in double fields become
    floats, missing fields get their defaults, and a union's value names its branch if it must.
    """
    match avro_type:
        case Primitive():
            return _check_primitive(value, avro_type)
        case Record():
            return _check_record(value, avro_type)
        case AvroDecimal():
            return _check_decimal(value, avro_type)
        case Fixed():
            return _check_fixed(value, avro_type)
        case Enum():
            return _check_enum(value, avro_type)
        case Array():
            return _check_array(value, avro_type)
        case Map():
            return _check_map(value, avro_type)
        case Union():
            return _check_union(value, avro_type)


def _check_record(value: Any, record: Record) -> dict[str, Any]:
    _require(isinstance(value, dict), value, "an object")
    if isinstance(value, DuplicateKeyObject):
        with at(f".{value.key}"):
            reject(Reason.DUPLICATE_KEY, TWICE)
    for name in value:
        if name not in record.by_name:
            with at(f".{name}"):
                reject(Reason.UNKNOWN_FIELD, "the contract has no such field")
    return {field.name: _check_field(value, field) for field in record.fields}


def _check_field(value: dict[str, Any], field: Field) -> Any:
    names = [name for name in field.names if name in value]
    with at(f".{names[-1] if names else field.name}"):
        if len(names) > 1:
            reject(Reason.DUPLICATE_KEY, f"another name of {names[0]}, which stands there too")
        if names:
            return check(value[names[0]], field.type)
        if not field.has_default:
            reject(Reason.MISSING_FIELD, "the field is missing and has no default")
        return check(field.default, field.type)


def _check_array(value: Any, array: Array) -> list[Any]:
    _require(isinstance(value, list), value, "an array")
    checked = []
    for index, item in enumerate(value):
        with at(f"[{index}]"):
            checked.append(check(item, array.items))
    return checked


def _check_map(value: Any, avro_map: Map) -> dict[str, Any]:
    _require(isinstance(value, dict), value, "an object")
    if isinstance(value, DuplicateKeyObject):
        with at(key_step(value.key)):
            reject(Reason.DUPLICATE_KEY, TWICE)
    checked = {}
    for key, item in value.items():
        with at(key_step(key)):
            name = _utf8(key)
            checked[name] = check(item, avro_map.values)
    return checked


def _check_enum(value: Any, enum: Enum) -> str:
    _require(isinstance(value, str), value, "a string")
    if value not in enum.symbols:
        reject(Reason.UNKNOWN_SYMBOL, f"not one of {', '.join(enum.symbols)}")
    return str(value)


def _check_union(value: Any, union: Union) -> Any:
    beside_null = union.beside_null
    if beside_null is not None:
        checked = None if value is None else check(value, beside_null)
        # fastavro cannot always find the branch by itself when the value holds another union.
        is_plain = checked is None or not isinstance(beside_null, Record | Array | Map)
        return checked if is_plain else (branch_name(beside_null), checked)
    if isinstance(value, tuple):
        name, chosen = value
        branch = next(item for item in union.branches if branch_name(item) == name)
        return (name, check(chosen, branch))
    for branch in union.branches:
        try:
            return (branch_name(branch), check(value, branch))
        except RejectedError:
            continue
    names = ", ".join(branch_name(branch) for branch in union.branches)
    return reject(Reason.WRONG_TYPE, f"fits none of {names}")


def _check_primitive(value: Any, primitive: Primitive) -> Any:
    match primitive.kind:
        case "null":
            _require(value is None, value, "null")
            return None
        case "boolean":
            _require(isinstance(value, bool), value, "a boolean")
            return value
        case "string":
            return _check_string(value, primitive)
        case "bytes":
            return _check_bytes(value)
        case "int" | "long":
            return _check_integer(value, primitive)
        case "float" | "double":
            return _check_float(value, primitive)


def _check_string(value: Any, primitive: Primitive) -> str:
    _require(isinstance(value, str), value, "a string")
    text = _utf8(value)
    if primitive.logical == "uuid":
        _check_uuid(text)
    rules = primitive.rules
    if rules.min_length is not None and len(text) < rules.min_length:
        reject(Reason.RULE_MIN_LENGTH, f"{len(text)} characters, at least {rules.min_length}")
    if rules.max_length is not None and len(text) > rules.max_length:
        reject(Reason.RULE_MAX_LENGTH, f"{len(text)} characters, at most {rules.max_length}")
    if rules.pattern is not None and not rules.pattern.search(text):
        reject(Reason.RULE_PATTERN, f"does not match {rules.pattern.pattern}")
    return text


def _check_fixed(value: Any, fixed: Fixed) -> bytes:
    if fixed.logical == "uuid" and isinstance(value, str):
        _check_uuid(value)
        return UUID(value).bytes
    data = _check_bytes(value)
    if len(data) != fixed.size:
        reject(Reason.OUT_OF_RANGE, f"{len(data)} bytes, not {fixed.size}")
    return data


def _check_bytes(value: Any) -> bytes:
    """An Avro body has the bytes themselves, JSON their base64."""
    if isinstance(value, bytes):
        return value
    _require(isinstance(value, str), value, "a string of base64")
    try:
        data = b64decode(value, validate=True)
    except ValueError:
        data = b""
    # Only canonical base64 is accepted: no stray bits, no missing padding.
    if b64encode(data).decode() != value:
        reject(Reason.BAD_BASE64, "not base64 (RFC 4648, section 4)")
    return data


def _check_decimal(value: Any, decimal: AvroDecimal) -> bytes:
    if isinstance(value, bytes):
        data = check_decimal_bytes(check(value, decimal.storage), decimal)
    else:
        _require(_is_number(value) or isinstance(value, str), value, "a number, or its text")
        data = encode_decimal(value, decimal)
    _check_bounds(decode_decimal(data, decimal), decimal.rules)
    return data


def _check_uuid(text: str) -> None:
    if not UUID_TEXT.fullmatch(text):
        reject(Reason.BAD_UUID, "not 32 hexadecimal digits as 8-4-4-4-12")


def _check_integer(value: Any, primitive: Primitive) -> int:
    if primitive.logical is not None:
        _require(_is_integer(value) or isinstance(value, str), value, "ISO 8601 or an integer")
    match primitive.logical:
        case "date":
            return count_days(value)
        case "time-millis":
            return count_time(value, MILLISECOND)
        case "time-micros":
            return count_time(value, MICROSECOND)
        case "timestamp-millis":
            return count_ticks(value, MILLISECOND)
        case "timestamp-micros":
            return count_ticks(value, MICROSECOND)
        case "local-timestamp-millis":
            return count_local_ticks(value, MILLISECOND)
        case "local-timestamp-micros":
            return count_local_ticks(value, MICROSECOND)
    _require(_is_integer(value), value, "an integer")
    bits = INT32 if primitive.kind == "int" else INT64
    if value not in bits:
        reject(Reason.OUT_OF_RANGE, f"outside {bits[0]} to {bits[-1]}")
    _check_bounds(value, primitive.rules)
    return int(value)


def _check_float(value: Any, primitive: Primitive) -> float:
    _require(_is_number(value), value, "a number")
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    if not isfinite(number):
        reject(Reason.NOT_FINITE, "NaN or infinity")
    if primitive.kind == "float" and abs(number) > FLOAT32_MAX:
        reject(Reason.OUT_OF_RANGE, "outside what a 32-bit float holds")
    _check_bounds(number, primitive.rules)
    return number


def _check_bounds(value: Number, rules: Rules) -> None:
    if rules.minimum is not None and value < rules.minimum:
        reject(Reason.RULE_MINIMUM, f"{value} is below the minimum {rules.minimum}")
    if rules.maximum is not None and value > rules.maximum:
        reject(Reason.RULE_MAXIMUM, f"{value} is above the maximum {rules.maximum}")
    if rules.exclusive_minimum is not None and value <= rules.exclusive_minimum:
        reject(Reason.RULE_EXCLUSIVE_MINIMUM, f"{value} is not above {rules.exclusive_minimum}")
    if rules.exclusive_maximum is not None and value >= rules.exclusive_maximum:
        reject(Reason.RULE_EXCLUSIVE_MAXIMUM, f"{value} is not below {rules.exclusive_maximum}")


def _utf8(text: str) -> str:
    if not text.isascii() and SURROGATE.search(text):
        reject(Reason.INVALID_UTF8, "a lone surrogate cannot be encoded")
    return text


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, float | Decimal) or _is_integer(value)


def _require(fits: bool, value: Any, expected: str) -> None:
    if not fits:
        reject(Reason.WRONG_TYPE, f"expected {expected}, found {_json_name(value)}")


def _json_name(value: Any) -> str:
    names = {bool: "a boolean", str: "a string", list: "an array", type(None): "null"}
    return names.get(type(value), "an object" if isinstance(value, dict) else "a number")


MILLISECOND, MICROSECOND = timedelta(milliseconds=1), timedelta(microseconds=1)
UUID_TEXT = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
SURROGATE = re.compile("[\ud800-\udfff]")
TWICE = "the key stands more than once"
FLOAT32_MAX = (2 - 2**-23) * 2.0**127
