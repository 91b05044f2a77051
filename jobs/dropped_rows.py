"""A dropped file's rows, read by Spark, numbered as they stand in the file.

CSV, JSON Lines, JSON, Avro and Parquet; shared/files/rows.py makes an event from each row.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from posixpath import splitext
from typing import Any

from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as f
from pyspark.sql import types as t

from shared.files.rows import FileRows, json_rows, text_rows
from shared.values.json_body import encode_json

BOM = b"\xef\xbb\xbf"
# Python gets a timestamp in its own zone, but a timestamp_ntz as it is, and that is UTC here.
ZONED = re.compile(r'("(?:type|elementType|keyType|valueType)"):"timestamp"')
# Spark's form of an Avro union of several types.
UNION_MEMBER = re.compile(r"member[0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedRows:
    """`frame` has `number` (long) and `row`: bytes where they are text, else a struct."""

    columns: tuple[str, ...]
    is_text: bool
    frame: DataFrame


def read_dropped(spark: SparkSession, uri: str) -> DroppedRows:
    """Read a file by its suffix; fails if the file is not what its suffix says."""
    return READERS[splitext(uri)[1]](spark, uri)


def python_row(row: Any) -> Mapping[str, Any] | bytes:
    """A row as Spark hands it to Python, in plain values."""
    if isinstance(row, bytes | bytearray):
        return _text(row)
    return {name: _plain(value) for name, value in zip(row.__fields__, row, strict=True)}


def _text(row: bytes | bytearray) -> bytes:
    return bytes(row).removeprefix(BOM).strip()


def _plain(value: Any) -> Any:
    match value:
        case t.Row():
            members = dict(zip(value.__fields__, value, strict=True))
            if members and all(UNION_MEMBER.fullmatch(name) for name in members):
                chosen = (item for item in members.values() if item is not None)
                return _plain(next(chosen, None))
            return {name: _plain(item) for name, item in members.items()}
        case bytearray():
            return bytes(value)
        case list():
            return [_plain(item) for item in value]
        case dict():
            return {name: _plain(item) for name, item in value.items()}
        case _:
            return value


def _read_csv(spark: SparkSession, uri: str) -> DroppedRows:
    frame = spark.read.csv(uri, header=True, multiLine=True, quote='"', escape='"')
    cells = {name: f.coalesce(column, f.lit("")) for name, column in _each(frame)}
    # As in shared/adapters/row_files.py, a line without any content is not a row.
    filled = frame.where(f.concat(*cells.values()) != "")
    return _values(filled, cells)


def _read_columns(file_format: str) -> Callable[[SparkSession, str], DroppedRows]:
    def read(spark: SparkSession, uri: str) -> DroppedRows:
        frame = spark.read.format(file_format).load(uri)
        return _values(frame, dict(_each(frame)))

    return read


def _each(frame: DataFrame) -> list[tuple[str, Any]]:
    escaped = [(name, name.replace("`", "``")) for name in frame.columns]
    return [
        (name, f.col(f"`{quoted}`").cast(_without_zone(frame.schema[name].dataType)))
        for name, quoted in escaped
    ]


def _without_zone(data_type: t.DataType) -> t.DataType:
    whole = t.StructType([t.StructField("_", data_type)])
    changed = ZONED.sub(r'\1:"timestamp_ntz"', whole.json())
    return t.StructType.fromJson(json.loads(changed))[0].dataType


def _values(frame: DataFrame, columns: Mapping[str, Any]) -> DroppedRows:
    row = f.struct(*(column.alias(name) for name, column in columns.items()))
    return DroppedRows(columns=tuple(columns), is_text=False, frame=_number(frame, row))


def _read_json_lines(spark: SparkSession, uri: str) -> DroppedRows:
    lines = spark.read.text(uri, lineSep="\n")
    filled = lines.where(f.col("value").rlike(r"[^ \t\n\x0B\f\r\uFEFF]"))
    frame = _number(filled, f.col("value").cast("binary"))
    first = frame.orderBy("number").limit(100).collect()
    columns = text_rows(_text(item["row"]) for item in first).columns
    return DroppedRows(columns=columns, is_text=True, frame=frame)


def _number(frame: DataFrame, row: Any) -> DataFrame:
    """Count from 0 in the order of the file, however Spark has split it."""
    in_order = Window.orderBy("block", "place")
    placed = frame.select(
        row.alias("row"),
        f.col("_metadata.file_block_start").alias("block"),
        f.monotonically_increasing_id().alias("place"),
    )
    number = (f.row_number().over(in_order) - 1).cast("long")
    return placed.select(number.alias("number"), "row")


def _read_json(spark: SparkSession, uri: str) -> DroppedRows:
    """Read a document; tasks cannot share it, so one task cuts it into rows."""
    whole = spark.read.format("binaryFile").load(uri)
    cut = whole.select(f.udf(_cut, CUT, useArrow=False)("content").alias("cut"))
    (told,) = cut.select("cut.columns", "cut.is_text").collect()
    frame = cut.select(f.posexplode("cut.rows").alias("number", "row"))
    return DroppedRows(
        columns=tuple(told["columns"]),
        is_text=told["is_text"],
        frame=frame.withColumn("number", f.col("number").cast("long")),
    )


CUT = "columns array<string>, is_text boolean, rows array<binary>"


def _cut(content: bytes) -> tuple[list[str], bool, list[bytes]]:
    opened: FileRows = json_rows(bytes(content).decode("utf-8-sig"))
    rows = [row if isinstance(row, bytes) else encode_json(row) for row in opened.rows]
    return list(opened.columns), opened.is_text, rows


READERS: Mapping[str, Callable[[SparkSession, str], DroppedRows]] = {
    ".csv": _read_csv,
    ".jsonl": _read_json_lines,
    ".ndjson": _read_json_lines,
    ".json": _read_json,
    ".avro": _read_columns("avro"),
    ".parquet": _read_columns("parquet"),
}
