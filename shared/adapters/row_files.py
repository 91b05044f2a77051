"""Files of rows by their format, read lazily where the format allows it."""

from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path, PurePath
from typing import Any, BinaryIO, cast

import polars as pl
from fastavro import reader
from polars.exceptions import PolarsError

from shared.errors import UnusableFileError
from shared.files.rows import FileRows, Row, json_rows, text_rows

ROWS_AT_ONCE = 5_000
UNREADABLE = (OSError, EOFError, ValueError, KeyError, TypeError, RecursionError, PolarsError)
Source = Path | BytesIO


def read_rows(name: str, source: Source) -> FileRows:
    """Open a file by its name's suffix; a file in memory is its `source` too.

    Raises UnusableFileError where it cannot be read as what it is named, at once or at any row.
    """
    suffix = PurePath(name).suffix.lower()
    read = READERS.get(suffix)
    if read is None:
        message = f"{name}: the suffix is none of {' '.join(READERS)}"
        raise UnusableFileError(message)
    with _named(name):
        opened = read(source)
    return replace(opened, rows=_each(opened.rows, name))


def _each(rows: Iterable[Row], name: str) -> Iterator[Row]:
    """Go on through the rows: a file read lazily can turn out broken at any of them."""
    with _named(name):
        yield from rows


@contextmanager
def _named(name: str) -> Iterator[None]:
    try:
        yield
    except UNREADABLE as error:
        message = f"{name}: {error}"
        raise UnusableFileError(message) from error


def _read_csv(source: Source) -> FileRows:
    # Without inference every value is its text, so that 007 and 1.50 are not changed. A cell is
    # empty or not: writers that quote everything do not tell null from "".
    frame = pl.scan_csv(source, infer_schema=False, glob=False, empty_string_is_null=False)
    filled = frame.fill_null("")
    # A line on which nothing stands is no row.
    return _rows(filled.filter(pl.any_horizontal(pl.all() != "")))


def _read_parquet(source: Source) -> FileRows:
    return _rows(pl.scan_parquet(source, glob=False))


def _rows(frame: pl.LazyFrame) -> FileRows:
    batches = frame.collect_batches(chunk_size=ROWS_AT_ONCE, maintain_order=True)
    rows = (row for batch in batches for row in batch.iter_rows(named=True))
    return FileRows(columns=tuple(frame.collect_schema().names()), rows=rows)


def _read_avro(source: Source) -> FileRows:
    # fastavro, since polars reads neither maps nor unions beyond null, and our contracts have both.
    file = _open(source)
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


def _read_json_lines(source: Source) -> FileRows:
    # polars would give every row the keys of all rows and change types; each line is an event's
    # body as it stands, a broken one too: the service judges.
    file = _open(source)
    if file.read(len(BOM_UTF8)) != BOM_UTF8:
        file.seek(0)
    lines = (line.strip() for line in _close_after(file, file))
    return text_rows(line for line in lines if line)


def _read_json(source: Source) -> FileRows:
    with _open(source) as file:
        return json_rows(file.read().decode("utf-8-sig"))


def _open(source: Source) -> BinaryIO:
    return source.open("rb") if isinstance(source, Path) else cast("BinaryIO", source)


READERS: Mapping[str, Callable[[Source], FileRows]] = {
    ".csv": _read_csv,
    ".jsonl": _read_json_lines,
    ".ndjson": _read_json_lines,
    ".json": _read_json,
    ".avro": _read_avro,
    ".parquet": _read_parquet,
}
