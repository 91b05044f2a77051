"""From a file's cell to the JSON value that a contract's field takes.

A value that cannot be converted stays as it is: the service judges it, and the quarantine keeps the
value that the file has.
"""

import json
import re
from base64 import b64encode
from datetime import UTC, datetime
from decimal import Decimal
from math import isfinite
from typing import Any, Final
from uuid import UUID

from shared.values.avro_types import (
    NULL,
    Array,
    AvroDecimal,
    AvroType,
    Enum,
    Field,
    Fixed,
    Map,
    Primitive,
    Record,
    Union,
)
from shared.values.decimals import parse_number

INTEGER = re.compile(r"[+-]?[0-9]{1,400}")
NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")


class Omitted:
    """Stands for a cell whose field is left out, so that its default counts."""


OMITTED: Final = Omitted()


def convert_cell(value: Any, field: Field) -> Any:
    """Convert one cell; an empty one becomes null, or is left out where the field has a default."""
    if not isinstance(value, str):
        return convert_value(value, field.type)
    if value:
        return convert_text(value, field.type)
    if isinstance(field.type, Union) and NULL in field.type.branches:
        return None
    return OMITTED if field.has_default else value


def convert_text(text: str, avro_type: AvroType) -> Any:
    """Convert text to the JSON value of a type; returns the text itself where it does not fit."""
    match avro_type:
        case Primitive(kind="boolean"):
            return {"true": True, "false": False}.get(text.lower(), text)
        case Primitive(kind="int" | "long"):
            return int(text) if INTEGER.fullmatch(text) else text
        case Primitive(kind="float" | "double"):
            return _convert_number(text)
        case AvroDecimal():
            return str(parse_number(text)) if NUMBER.fullmatch(text) else text
        case Record() | Array() | Map():
            return _convert_nested(text)
        case Union(branches=branches):
            return _convert_union(text, branches)
        case Primitive() | Fixed() | Enum():
            return text


def _convert_number(text: str) -> Any:
    number = float(text) if NUMBER.fullmatch(text) else None
    return number if number is not None and isfinite(number) else text


def _convert_nested(text: str) -> Any:
    try:
        value = json.loads(text, parse_float=parse_number)
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, dict | list) else text


def _convert_union(text: str, branches: tuple[AvroType, ...]) -> Any:
    converted = (convert_text(text, branch) for branch in branches if branch != NULL)
    return next((value for value in converted if value is not text), text)


def convert_value(value: Any, avro_type: AvroType) -> Any:
    """Convert a value of a type that JSON does not have, and the values inside it."""
    match avro_type, value:
        case (_, bytearray()):
            return convert_value(bytes(value), avro_type)
        case (Primitive(kind="string"), bytes()):
            # Bytes that are not UTF-8 become lone surrogates, which the service refuses.
            return value.decode("utf-8", "surrogateescape")
        case (Primitive(), Decimal()):
            return float(value)
        case (Primitive(logical="local-timestamp-millis" | "local-timestamp-micros"), datetime()):
            # Spark hands over times with and without a zone alike, in UTC.
            local = value.astimezone(UTC) if value.tzinfo else value
            return local.replace(tzinfo=None).isoformat()
        case (Fixed(logical="uuid", size=size), bytes()) if len(value) == size:
            return str(UUID(bytes=value))
        case (Primitive() | Fixed(), bytes()):
            return b64encode(value).decode()
        case (Record(by_name=known), dict()):
            return {
                name: convert_value(item, known[name].type) if name in known else item
                for name, item in value.items()
            }
        case (Array(items=items), list()):
            return [convert_value(item, items) for item in value]
        case (Map(values=values), dict()):
            return {key: convert_value(item, values) for key, item in value.items()}
        case (Union(branches=branches), _):
            return _convert_branch(value, branches)
    return value


def _convert_branch(value: Any, branches: tuple[AvroType, ...]) -> Any:
    converted = (convert_value(value, branch) for branch in branches if branch != NULL)
    return next((item for item in converted if item is not value), value)
