"""From the text of a file's cell to the value that a contract's field takes.

What cannot be converted stays as it is: the service is the judge, and its quarantine keeps the
value that the file has.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any, Final

from shared.avro_schema import Array, AvroType, Enum, Field, Map, Primitive, Record, Union

INTEGER = re.compile(r"[+-]?[0-9]{1,400}")
NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
NASA_TIME = re.compile(r"([0-9]{4})-([A-Z][a-z]{2})-([0-9]{2}) ([0-9]{2}):([0-9]{2})")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NULL = Primitive(kind="null")


class Omitted:
    """Stands for a cell whose field is left out, so that its default counts."""


OMITTED: Final = Omitted()


def convert_cell(value: Any, field: Field) -> Any:
    """Convert one cell; an empty one becomes null, or is left out where the field has a default."""
    if not isinstance(value, str):
        return value
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
        case Record() | Array() | Map():
            return _convert_nested(text)
        case Union(branches=branches):
            return _convert_union(text, branches)
        case Primitive() | Enum():
            return text


def _convert_number(text: str) -> Any:
    number = float(text) if NUMBER.fullmatch(text) else None
    return number if number is not None and isfinite(number) else text


def _convert_nested(text: str) -> Any:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, dict | list) else text


def _convert_union(text: str, branches: tuple[AvroType, ...]) -> Any:
    converted = (convert_text(text, branch) for branch in branches if branch != NULL)
    return next((value for value in converted if value is not text), text)


def convert_nasa_time(text: str) -> str:
    """Read NASA's `2020-Jan-01 00:54`, which is UTC, as ISO 8601 with an offset."""
    matched = NASA_TIME.fullmatch(text)
    if not matched or matched[2] not in MONTHS:
        return text
    year, _, day, hour, minute = matched.groups()
    month = MONTHS.index(matched[2]) + 1
    try:
        at = datetime(int(year), month, int(day), int(hour), int(minute), tzinfo=UTC)
    except ValueError:
        return text
    return at.isoformat()


FORMS: Mapping[str, Callable[[str], str]] = {"nasa_time": convert_nasa_time}
