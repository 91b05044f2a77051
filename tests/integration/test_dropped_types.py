"""Every type in a dropped file: judged as `ingest` judges it, and in silver with its value."""

import csv
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastavro
import polars as pl
import pytest
from pyspark.sql import SparkSession

from jobs.dropzone import run_dropzone
from tests.every_type import DROPPED, DROPPED_FIELDS, DROPPED_JSON, dropped_types
from tests.integration.dropped_files import an_upload, judged_by_ingest, judged_by_spark
from tests.integration.spark_fixture import IGNORING_UNCLOSED_SOCKETS

pytestmark = IGNORING_UNCLOSED_SOCKETS


def dropped_values() -> list[dict[str, Any]]:
    """A good row of every type, one that is out of range, and one without what is optional."""
    none = {"maybe": None, "local_micros": None, "codes": []}
    return [DROPPED, DROPPED | {"small": 2**31, "price": Decimal("-0.5")}, DROPPED | none]


def write_avro_of_every_type(path: Path) -> None:
    schema = {
        "type": "record",
        "name": "Dropped",
        "fields": [
            item | {"type": "long"} if item["name"] == "small" else item for item in DROPPED_FIELDS
        ],
    }
    with path.open("wb") as file:
        fastavro.writer(file, schema, dropped_values())


def write_csv_of_every_type(path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(DROPPED_JSON)
        for changes in ({}, {"price": "1,5"}, {"price": "+.50", "tax": "1e-2"}, {"raw": "A"}):
            rows.writerow(
                json.dumps(cell) if isinstance(cell, list) else cell
                for cell in (DROPPED_JSON | changes).values()
            )


def write_fields_and_data_of_every_type(path: Path) -> None:
    text = json.dumps({"fields": list(DROPPED_JSON), "data": [list(DROPPED_JSON.values())] * 2})
    numbers = text.replace(f'"{DROPPED_JSON["price"]}"', DROPPED_JSON["price"])
    path.write_text(numbers.replace('"AP8="', '"?"', 1))


# Spark has no zones in Python: UTC is what it is told to have.
IN_SILVER = {
    **DROPPED,
    "at": DROPPED["at"].replace(tzinfo=None),
    "at_micros": DROPPED["at_micros"].replace(tzinfo=None),
    "_landfall": None,
}
FILES: dict[str, Callable[[Path], object]] = {
    "every.avro": write_avro_of_every_type,
    "every.parquet": lambda path: pl.DataFrame(dropped_values()).write_parquet(path),
    "every.csv": write_csv_of_every_type,
    "every.json": write_fields_and_data_of_every_type,
}


@pytest.mark.parametrize("name", FILES)
def test_every_type_is_judged_alike_and_keeps_its_value(
    spark: SparkSession, tmp_path: Path, name: str
) -> None:
    FILES[name](tmp_path / name)
    lake = (tmp_path / "lake").as_uri()

    judged = judged_by_spark(spark, tmp_path / name, dropped_types())
    run_dropzone(spark, an_upload(tmp_path / name, dropped_types()), lake)

    assert judged == judged_by_ingest(tmp_path / name, dropped_types())
    assert {kind for kind, *_ in judged.values()} == {"accepted", "rejected"}
    rows = spark.read.format("delta").load(f"{lake}/silver/dropped_types").collect()
    plain = [row for row in rows if row["price"] == DROPPED["price"] and row["maybe"]]
    assert [row.asDict() | {"_landfall": None} for row in plain] == [IN_SILVER]
