"""Is this value what its contract says? Accepted with the record to land, or rejected with why."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from math import isfinite
from typing import Any, NoReturn

from shared.avro_schema import (
    INT32,
    INT64,
    Array,
    AvroType,
    Enum,
    Field,
    Map,
    Primitive,
    Record,
    Rules,
    Union,
    branch_name,
)


class Reason(StrEnum):
    """Why an event is kept in quarantine; one code per kind of fault."""

    EMPTY_BODY = "empty_body"
    BODY_TOO_LARGE = "body_too_large"
    UNKNOWN_CONTRACT = "unknown_contract"
    UNKNOWN_VERSION = "unknown_version"
    INVALID_UTF8 = "invalid_utf8"
    INVALID_JSON = "invalid_json"
    JSON_TOO_DEEP = "json_too_deep"
    NOT_AN_OBJECT = "not_an_object"
    DUPLICATE_KEY = "duplicate_key"
    AVRO_TRUNCATED = "avro_truncated"
    AVRO_TRAILING_BYTES = "avro_trailing_bytes"
    AVRO_MALFORMED = "avro_malformed"
    MISSING_FIELD = "missing_field"
    UNKNOWN_FIELD = "unknown_field"
    WRONG_TYPE = "wrong_type"
    OUT_OF_RANGE = "out_of_range"
    NOT_FINITE = "not_finite"
    UNKNOWN_SYMBOL = "unknown_symbol"
    BAD_UUID = "bad_uuid"
    BAD_DATE = "bad_date"
    BAD_TIMESTAMP = "bad_timestamp"
    RULE_MINIMUM = "rule_minimum"
    RULE_MAXIMUM = "rule_maximum"
    RULE_EXCLUSIVE_MINIMUM = "rule_exclusive_minimum"
    RULE_EXCLUSIVE_MAXIMUM = "rule_exclusive_maximum"
    RULE_MIN_LENGTH = "rule_min_length"
    RULE_MAX_LENGTH = "rule_max_length"
    RULE_PATTERN = "rule_pattern"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Why a body breaks its contract; `path` is empty where the whole body is at fault."""

    reason: Reason
    path: str
    detail: str


class RejectedError(Exception):
    """Carries a rejection up from the depth where it was found; never leaves validation."""

    def __init__(self, reason: Reason, detail: str) -> None:
        """Start at the value at fault; the path grows on the way up."""
        self.reason, self.detail = reason, detail
        self.steps: list[str] = []
        super().__init__(detail)

    def rejection(self) -> Rejection:
        """The finished value, its path and detail cut to a readable length."""
        path = "".join(reversed(self.steps)).removeprefix(".")
        return Rejection(reason=self.reason, path=path[:256], detail=self.detail[:256])


@contextmanager
def at(step: str) -> Iterator[None]:
    """Name the step into a value, should what is inside be rejected."""
    try:
        yield
    except RejectedError as rejected:
        rejected.steps.append(step)
        raise


def reject(reason: Reason, detail: str) -> NoReturn:
    """Give up on the value at hand."""
    raise RejectedError(reason, detail)


class DuplicateKeyObject(dict[str, Any]):
    """A JSON object, or an Avro map, in which one key stands twice."""

    def __init__(self, decoded: dict[str, Any], key: str) -> None:
        """Keep what was decoded, and the key."""
        super().__init__(decoded)
        self.key = key


def check(value: Any, avro_type: AvroType) -> Any:
    """Return the value in the form that the encoder takes; raises RejectedError.

    Timestamps and dates become integers in their type's unit, integers in double fields become
    floats, missing fields their defaults, and a union's value says its branch where it must.
    """
    match avro_type:
        case Primitive():
            return _check_primitive(value, avro_type)
        case Record():
            return _check_record(value, avro_type)
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
    _refuse_duplicate_keys(value)
    for name in value:
        if name not in record.by_name:
            with at(f".{name}"):
                reject(Reason.UNKNOWN_FIELD, "the contract has no such field")
    return {field.name: _check_field(value, field) for field in record.fields}


def _check_field(value: dict[str, Any], field: Field) -> Any:
    with at(f".{field.name}"):
        if field.name in value:
            return check(value[field.name], field.type)
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
    _refuse_duplicate_keys(value)
    checked = {}
    for key, item in value.items():
        with at(f"[{json.dumps(key, ensure_ascii=False)}]"):
            checked[_utf8(key)] = check(item, avro_map.values)
    return checked


def _check_enum(value: Any, enum: Enum) -> str:
    _require(isinstance(value, str), value, "a string")
    if value not in enum.symbols:
        reject(Reason.UNKNOWN_SYMBOL, f"not one of {', '.join(enum.symbols)}")
    return str(value)


def _check_union(value: Any, union: Union) -> Any:
    if len(union.branches) <= 2 and Primitive(kind="null") in union.branches:
        other = [branch for branch in union.branches if branch != Primitive(kind="null")]
        return None if value is None or not other else check(value, other[0])
    for branch in union.branches:
        try:
            return (branch_name(branch), check(value, branch))
        except RejectedError:
            continue
    names = ", ".join(branch_name(branch) for branch in union.branches)
    reject(Reason.WRONG_TYPE, f"fits none of {names}")


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
        case "int" | "long":
            return _check_integer(value, primitive)
        case "float" | "double":
            return _check_float(value, primitive)


def _check_string(value: Any, primitive: Primitive) -> str:
    _require(isinstance(value, str), value, "a string")
    text = _utf8(value)
    if primitive.logical == "uuid" and not UUID.fullmatch(text):
        reject(Reason.BAD_UUID, "not 32 hexadecimal digits as 8-4-4-4-12")
    rules = primitive.rules
    if rules.min_length is not None and len(text) < rules.min_length:
        reject(Reason.RULE_MIN_LENGTH, f"{len(text)} characters, at least {rules.min_length}")
    if rules.max_length is not None and len(text) > rules.max_length:
        reject(Reason.RULE_MAX_LENGTH, f"{len(text)} characters, at most {rules.max_length}")
    if rules.pattern is not None and not rules.pattern.search(text):
        reject(Reason.RULE_PATTERN, f"does not match {rules.pattern.pattern}")
    return text


def _check_integer(value: Any, primitive: Primitive) -> int:
    match primitive.logical:
        case "date":
            return _check_date(value)
        case "timestamp-millis":
            return _check_timestamp(value, timedelta(milliseconds=1))
        case "timestamp-micros":
            return _check_timestamp(value, timedelta(microseconds=1))
    _require(_is_integer(value), value, "an integer")
    bits = INT32 if primitive.kind == "int" else INT64
    if value not in bits:
        reject(Reason.OUT_OF_RANGE, f"outside {bits[0]} to {bits[-1]}")
    _check_bounds(value, primitive.rules)
    return int(value)


def _check_float(value: Any, primitive: Primitive) -> float:
    _require(_is_integer(value) or isinstance(value, float), value, "a number")
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


def _check_bounds(value: float, rules: Rules) -> None:
    if rules.minimum is not None and value < rules.minimum:
        reject(Reason.RULE_MINIMUM, f"{value} is below the minimum {rules.minimum}")
    if rules.maximum is not None and value > rules.maximum:
        reject(Reason.RULE_MAXIMUM, f"{value} is above the maximum {rules.maximum}")
    if rules.exclusive_minimum is not None and value <= rules.exclusive_minimum:
        reject(Reason.RULE_EXCLUSIVE_MINIMUM, f"{value} is not above {rules.exclusive_minimum}")
    if rules.exclusive_maximum is not None and value >= rules.exclusive_maximum:
        reject(Reason.RULE_EXCLUSIVE_MAXIMUM, f"{value} is not below {rules.exclusive_maximum}")


def _check_date(value: Any) -> int:
    _require(isinstance(value, str) or _is_integer(value), value, "an ISO 8601 date or days")
    if isinstance(value, int):
        days = value
    else:
        try:
            if not DATE.fullmatch(value):
                reject(Reason.BAD_DATE, "not an ISO 8601 date")
            days = date.fromisoformat(value).toordinal() - EPOCH.toordinal()
        except ValueError:
            reject(Reason.BAD_DATE, "no such day")
    if not 1 <= days + EPOCH.toordinal() <= date.max.toordinal():
        reject(Reason.BAD_DATE, "outside the years 1 to 9999")
    return days


def _check_timestamp(value: Any, unit: timedelta) -> int:
    expected = "an ISO 8601 time with offset or an integer"
    _require(isinstance(value, str) or _is_integer(value), value, expected)
    ticks = value if isinstance(value, int) else (_parse_timestamp(value) - EPOCH) // unit
    if not EARLIEST // unit <= ticks <= LATEST // unit:
        reject(Reason.BAD_TIMESTAMP, "outside the years 1 to 9999, UTC")
    return int(ticks)


def _parse_timestamp(text: str) -> datetime:
    """Read ISO 8601 with an offset; digits beyond microseconds (.NET writes seven) are cut."""
    matched = TIMESTAMP.fullmatch(text)
    if not matched:
        reject(Reason.BAD_TIMESTAMP, "not ISO 8601 with an offset")
    year, month, day, hour, minute, second, fraction, offset = matched.groups()
    try:
        return datetime.fromisoformat(
            f"{year}-{month}-{day}T{hour}:{minute}:{second or '00'}"
            f".{(fraction or '')[:6]:0<6}{'+00:00' if offset in 'Zz' else offset}"
        ).astimezone(UTC)
    except (ValueError, OverflowError):
        reject(Reason.BAD_TIMESTAMP, "no such time")


def _refuse_duplicate_keys(value: dict[str, Any]) -> None:
    if isinstance(value, DuplicateKeyObject):
        with at(f".{value.key}"):
            reject(Reason.DUPLICATE_KEY, "the key stands more than once")


def _utf8(text: str) -> str:
    if not text.isascii() and SURROGATE.search(text):
        reject(Reason.INVALID_UTF8, "a lone surrogate cannot be encoded")
    return text


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _require(fits: bool, value: Any, expected: str) -> None:
    if not fits:
        reject(Reason.WRONG_TYPE, f"expected {expected}, found {_json_name(value)}")


def _json_name(value: Any) -> str:
    names = {bool: "a boolean", str: "a string", list: "an array", type(None): "null"}
    return names.get(type(value), "an object" if isinstance(value, dict) else "a number")


UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?"
    r"([Zz]|[+-][0-9]{2}:?[0-9]{2})"
)
SURROGATE = re.compile("[\ud800-\udfff]")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST = datetime.min.replace(tzinfo=UTC) - EPOCH
LATEST = datetime.max.replace(tzinfo=UTC) - EPOCH
FLOAT32_MAX = (2 - 2**-23) * 2.0**127
