"""Which column of a file is which field of a contract: data in mappings/, one file a contract."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from producer.conversion import FORMS, OMITTED, convert_cell
from producer.errors import UsageError
from shared.avro_schema import Field
from shared.contracts import ORIGIN_FIELD, Contract

MAPPINGS = Path(__file__).parent / "mappings"
# A file of the lake carries each event's origin; it gets a new one when it is sent again.
ORIGIN = str(ORIGIN_FIELD["name"]) if isinstance(ORIGIN_FIELD, dict) else ""
RowConverter = Callable[[Mapping[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Where a column's values go, and in which special form they are written, if any."""

    field: str
    form: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMapping:
    """A contract's mapping: `key` is the field that chooses an event's partition."""

    key: str | None = None
    columns: Mapping[str, Column] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()

    def explains(self, columns: Iterable[str]) -> bool:
        """Whether the mapping says of each of a file's columns what becomes of it."""
        return bool(self.columns) and set(columns) <= self.columns.keys() | self.ignored


def load_mapping(contract_name: str, folder: Path = MAPPINGS) -> FileMapping:
    """Read a contract's mapping, an empty one where there is none; raises UsageError."""
    path = folder / f"{contract_name}.json"
    if not path.exists():
        return FileMapping()
    try:
        document = json.loads(path.read_bytes())
        return FileMapping(
            key=document.get("key"),
            columns={name: _column(item) for name, item in document.get("columns", {}).items()},
            ignored=frozenset(document.get("ignored", ())),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"{path.name} is no mapping: {error!r}"
        raise UsageError(message) from error


def _column(item: Any) -> Column:
    if isinstance(item, str):
        return Column(field=item)
    form = item.get("as")
    if form is not None and form not in FORMS:
        message = f"unknown form {form!r}, known are {', '.join(FORMS)}"
        raise ValueError(message)
    return Column(field=item["field"], form=form)


def choose_columns(
    columns: Iterable[str], contract: Contract, mapping: FileMapping
) -> Mapping[str, Column] | None:
    """Choose what each column becomes: the fields themselves, or the mapping; None if neither."""
    names = tuple(name for name in columns if name != ORIGIN)
    if set(names) <= contract.record.by_name.keys():
        return {name: Column(field=name) for name in names}
    return mapping.columns if mapping.explains(names) else None


def explain_columns(columns: Iterable[str], contract: Contract, mapping: FileMapping) -> str:
    """Say which columns neither the contract nor its mapping knows."""
    known = contract.record.by_name.keys() | mapping.columns.keys() | mapping.ignored
    unknown = [name for name in columns if name not in known and name != ORIGIN]
    named = ", ".join(repr(name) for name in unknown or columns)
    return (
        f"column {named}: neither a field of {contract.id} nor in its mapping "
        f"(producer/mappings/{contract.id.name}.json)"
    )


def make_converter(columns: Mapping[str, Column], contract: Contract) -> RowConverter:
    """Make the function that turns a file's row into an event's value."""
    fields = contract.record.by_name

    def convert(row: Mapping[str, Any]) -> dict[str, Any]:
        event: dict[str, Any] = {}
        for name, value in row.items():
            column = columns.get(name)
            if column is not None:
                converted = _convert(value, column, fields.get(column.field))
                if converted is not OMITTED:
                    event[column.field] = converted
        return event

    return convert


def _convert(value: Any, column: Column, target: Field | None) -> Any:
    if column.form is not None and isinstance(value, str) and value:
        return FORMS[column.form](value)
    return value if target is None else convert_cell(value, target)
