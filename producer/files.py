"""A file's rows, as they are in the file: read lazily where the format allows it."""

import json
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl
from fastavro import reader
from polars.exceptions import PolarsError

from producer.errors import UsageError

ROWS_AT_ONCE = 5_000
UNREADABLE = (OSError, EOFError, ValueError, KeyError, TypeError, RecursionError, PolarsError)
Row = Mapping[str, Any] | bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRows:
    """Rows with their columns' names; where `is_text`, each row is one event's JSON, untouched."""

    columns: tuple[str, ...]
    rows: Iterable[Row]
    is_text: bool = False


def read_file(path: Path) -> FileRows:
    """Open a file by its suffix; raises UsageError where it cannot be read as what it is named."""
    read = READERS.get(path.suffix.lower())
    if read is None:
        message = f"{path}: the suffix is none of {' '.join(READERS)}"
        raise UsageError(message)
    with _named(path):
        opened = read(path)
    return replace(opened, rows=_each(opened.rows, path))


def _each(rows: Iterable[Row], path: Path) -> Iterator[Row]:
    """Go on through the rows: a file read lazily can turn out broken at any of them."""
    with _named(path):
        yield from rows


@contextmanager
def _named(path: Path) -> Iterator[None]:
    try:
        yield
    except UNREADABLE as error:
        message = f"{path}: {error}"
        raise UsageError(message) from error


def _read_csv(path: Path) -> FileRows:
    # Without inference every value is its text, so that 007 and 1.50 are not changed. A cell is
    # empty or not: writers that quote everything do not tell null from "".
    frame = pl.scan_csv(path, infer_schema=False, glob=False, empty_string_is_null=False)
    return _rows(frame.fill_null(""))


def _read_parquet(path: Path) -> FileRows:
    return _rows(pl.scan_parquet(path, glob=False))


def _rows(frame: pl.LazyFrame) -> FileRows:
    batches = frame.collect_batches(chunk_size=ROWS_AT_ONCE, maintain_order=True)
    rows = (row for batch in batches for row in batch.iter_rows(named=True))
    return FileRows(columns=tuple(frame.collect_schema().names()), rows=rows)


def _read_avro(path: Path) -> FileRows:
    # fastavro, since polars reads neither maps nor unions beyond null, and our contracts have both.
    file = path.open("rb")
    try:
        records = reader(file)
        schema: Any = records.writer_schema
        columns = tuple(str(item["name"]) for item in schema["fields"])
    except BaseException:
        file.close()
        raise
    return FileRows(columns=columns, rows=_close_after(records, file))


def _close_after(rows: Iterable[Any], file: Any) -> Iterator[Any]:
    with file:
        yield from rows


def _read_json_lines(path: Path) -> FileRows:
    # polars would give every row the keys of all rows and change types; each line is an event's
    # body as it stands, a broken one too: the service judges.
    file = path.open("rb")
    if file.peek(len(BOM_UTF8)).startswith(BOM_UTF8):
        file.seek(len(BOM_UTF8))
    lines = (line.strip() for line in _close_after(file, file))
    return _texts(line for line in lines if line)


def _read_json(path: Path) -> FileRows:
    text = path.read_text(encoding="utf-8-sig")
    if text.lstrip().startswith("["):
        return _texts(_split_array(text))
    document = json.loads(text)
    if not (isinstance(document, dict) and {"fields", "data"} <= document.keys()):
        message = 'JSON is an array of objects, or an object with "fields" and "data"'
        raise ValueError(message)
    fields = tuple(str(name) for name in document["fields"])
    rows = [dict(zip(fields, row, strict=True)) for row in document["data"]]
    return FileRows(columns=fields, rows=rows)


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


def _texts(texts: Iterable[bytes]) -> FileRows:
    """Name the columns by the first text's keys: enough to tell whether a mapping is meant."""
    remaining = iter(texts)
    first = next(remaining, None)
    if first is None:
        return FileRows(columns=(), rows=(), is_text=True)
    columns = tuple(parse_object(first) or ())
    return FileRows(columns=columns, rows=chain((first,), remaining), is_text=True)


def parse_object(text: bytes) -> dict[str, Any] | None:
    """Parse a JSON object leniently; None where it is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


READERS: Mapping[str, Callable[[Path], FileRows]] = {
    ".csv": _read_csv,
    ".jsonl": _read_json_lines,
    ".ndjson": _read_json_lines,
    ".json": _read_json,
    ".avro": _read_avro,
    ".parquet": _read_parquet,
}
