"""A file's rows and the events they become: the same for the producer and the drop zone."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from io import BytesIO
from itertools import chain, islice
from typing import Any, Protocol

from shared.contracts.contract import Contract
from shared.contracts.mapping import Column
from shared.contracts.origin import ORIGIN
from shared.errors import UnusableFileError
from shared.files.cells import OMITTED, convert_cell
from shared.values.avro_types import Field
from shared.values.decimals import parse_number

# How many texts are read to find a file's columns.
TEXTS_LOOKED_AT = 100
Row = Mapping[str, Any] | bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRows:
    """Rows with their columns' names; where `is_text`, each row is one event's JSON, untouched."""

    columns: tuple[str, ...]
    rows: Iterable[Row]
    is_text: bool = False


class RowReader(Protocol):
    """Reads files by their format."""

    def __call__(self, name: str, source: BytesIO) -> FileRows:
        """Open a file by its name's suffix; raises UnusableFileError, also at any row."""


def text_rows(texts: Iterable[bytes]) -> FileRows:
    """Find the columns in the objects among the first texts."""
    remaining = iter(texts)
    seen = list(islice(remaining, TEXTS_LOOKED_AT))
    keys = dict.fromkeys(key for text in seen for key in parse_object(text) or ())
    return FileRows(columns=tuple(keys), rows=chain(seen, remaining), is_text=True)


def json_rows(text: str) -> FileRows:
    """Read a JSON document; raises ValueError, KeyError or TypeError where it holds no rows."""
    if text.lstrip().startswith("["):
        return text_rows(_split_array(text))
    document = json.loads(text, parse_float=parse_number)
    if not (isinstance(document, dict) and {"fields", "data"} <= document.keys()):
        message = 'JSON is an array of objects, or an object with "fields" and "data"'
        raise ValueError(message)
    fields = tuple(str(name) for name in document["fields"])
    rows = [dict(zip(fields, row, strict=True)) for row in document["data"]]
    return FileRows(columns=fields, rows=rows)


def parse_object(text: bytes) -> dict[str, Any] | None:
    """Parse a JSON object leniently; None if the text is not one."""
    try:
        value = json.loads(text, parse_float=parse_number)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def make_row_converter(
    columns: Sequence[str], contract: Contract, *, is_text: bool
) -> Callable[[Row], Row]:
    """Make the function that turns a file's row into an event's value, or leaves its JSON text.

    Raises UnusableFileError where neither the contract nor its mapping knows the columns.
    """
    chosen = _choose_columns(columns, contract)
    if is_text and chosen is not contract.mapping.columns:
        return _as_it_is
    if chosen is None:
        raise UnusableFileError(_explain_columns(columns, contract))
    return _Converter(chosen, contract)


def require_fields(columns: Sequence[str], contract: Contract, *, is_text: bool) -> None:
    """Refuse a file none of whose rows could keep the contract; raises UnusableFileError.

    Each text may have keys of its own, so for texts one known field is enough.
    """
    mapped = {contract.mapping.columns.get(name, Column(field=name)).field for name in columns}
    if is_text and not mapped & contract.record.by_name.keys():
        message = f"no row is a JSON object with a field of {contract.id}"
        raise UnusableFileError(message)
    required = [item for item in contract.record.fields if not item.has_default]
    missing = [item.name for item in required if not mapped & set(item.names)]
    if missing and not is_text:
        named = ", ".join(repr(name) for name in missing)
        message = f"no column for {named}: {contract.id} has no default for it"
        raise UnusableFileError(message)


def refuse_times_of_day(row: Row) -> None:
    """Refuse a row with a time of day that is not text: Spark cannot read it, or its unit."""
    if not isinstance(row, bytes):
        for name, value in row.items():
            if _holds_time_of_day(value):
                message = f"column {name!r} has times of day: write them as text or as integers"
                raise UnusableFileError(message)


def _holds_time_of_day(value: Any) -> bool:
    match value:
        case dict():
            return any(map(_holds_time_of_day, value.values()))
        case list():
            return any(map(_holds_time_of_day, value))
        case _:
            return isinstance(value, time)


def _choose_columns(columns: Iterable[str], contract: Contract) -> Mapping[str, Column] | None:
    """What each column becomes: the fields themselves, or the mapping; None if neither."""
    # A file of the lake carries each event's origin; it gets a new one when it is sent again.
    names = tuple(name for name in columns if name != ORIGIN)
    if set(names) <= contract.record.by_name.keys():
        return {name: Column(field=name) for name in names}
    return contract.mapping.columns if contract.mapping.explains(names) else None


def _explain_columns(columns: Iterable[str], contract: Contract) -> str:
    mapping = contract.mapping
    known = contract.record.by_name.keys() | mapping.columns.keys() | mapping.ignored
    unknown = [name for name in columns if name not in known and name != ORIGIN]
    named = ", ".join(repr(name) for name in unknown or columns)
    return (
        f"column {named}: neither a field of {contract.id} nor in its mapping "
        f"(contracts/{contract.id.name}/mapping.json)"
    )


def _as_it_is(row: Row) -> Row:
    return row


class _Converter:
    """Turns a row into a value; text that is no object stays as it is: the service judges it."""

    def __init__(self, columns: Mapping[str, Column], contract: Contract) -> None:
        self._columns, self._fields = columns, contract.record.by_name

    def __call__(self, row: Row) -> Row:
        value = parse_object(row) if isinstance(row, bytes) else row
        return row if value is None else dict(self._converted(value))

    def _converted(self, row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        for name, value in row.items():
            column = self._columns.get(name)
            if column is not None:
                converted = _convert(value, column, self._fields.get(column.field))
                if converted is not OMITTED:
                    yield column.field, converted


def _convert(value: Any, column: Column, target: Field | None) -> Any:
    if column.time_format is not None and isinstance(value, str) and value:
        return column.time_format.to_iso(value)
    return value if target is None else convert_cell(value, target)


def _split_array(text: str) -> list[bytes]:
    """Cut an array's elements out of its text: decoding and encoding would change their numbers."""
    decoder = json.JSONDecoder()
    elements: list[bytes] = []
    position = _skip_space(text, text.index("[") + 1)
    while text[position : position + 1] != "]":
        if elements:
            position = _skip_space(text, _after_comma(text, position))
        _, end = decoder.raw_decode(text, position)
        elements.append(text[position:end].encode())
        position = _skip_space(text, end)
    if text[position + 1 :].strip():
        message = "there is more after the array"
        raise ValueError(message)
    return elements


def _after_comma(text: str, position: int) -> int:
    if text[position : position + 1] != ",":
        message = f"a comma is missing at character {position}"
        raise ValueError(message)
    return position + 1


def _skip_space(text: str, position: int) -> int:
    while text[position : position + 1] in (" ", "\t", "\r", "\n"):
        position += 1
    return position
