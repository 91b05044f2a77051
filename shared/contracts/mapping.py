"""Maps a file's columns to a contract's fields, where the names differ."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.errors import MisconfiguredError
from shared.values.time_format import TimeFormat, parse_time_format


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """The field that a column fills, and how the file writes times, if not in ISO 8601."""

    field: str
    time_format: TimeFormat | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMapping:
    """A contract's mapping: `key` is the field that chooses an event's partition."""

    key: str | None = None
    columns: Mapping[str, Column] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()

    def explains(self, columns: Iterable[str]) -> bool:
        """Whether the mapping maps or ignores every column of a file."""
        return bool(self.columns) and set(columns) <= self.columns.keys() | self.ignored


def parse_mapping(text: bytes, source: str) -> FileMapping:
    """Read contracts/<name>/mapping.json; raises MisconfiguredError."""
    try:
        document = json.loads(text)
        return FileMapping(
            key=document.get("key"),
            columns={name: _column(item) for name, item in document.get("columns", {}).items()},
            ignored=frozenset(document.get("ignored", ())),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        message = f"{source} is no mapping: {error!r}"
        raise MisconfiguredError(message, hint="mend the mapping's file") from error


def _column(item: Any) -> Column:
    if isinstance(item, str):
        return Column(field=item)
    unknown = item.keys() - {"field", "time_format"}
    if unknown:
        message = f"a column has a field and a time_format, and no {', '.join(sorted(unknown))}"
        raise ValueError(message)
    text = item.get("time_format")
    time_format = None if text is None else parse_time_format(text)
    return Column(field=item["field"], time_format=time_format)
