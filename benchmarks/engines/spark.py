"""Spark on two local cores, as a batch: typed rows from the lines, written as Avro."""

import os
from collections.abc import Callable
from pathlib import Path

from pyspark.sql import SparkSession
from pyspark.sql.types import (
    ArrayType,
    BooleanType,
    DoubleType,
    IntegerType,
    LongType,
    MapType,
    StringType,
    StructType,
    TimestampType,
)

from local.spark.settings import class_path

TEXT, NUMBER = StringType(), DoubleType()
ROW = (
    StructType()
    .add("event_id", TEXT)
    .add("event_type", TEXT)
    .add("device_id", TEXT)
    .add("occurred_at", TimestampType())
    .add("reading_number", IntegerType())
    .add("total_count", LongType())
    .add("temperature", NUMBER)
    .add("pressure", NUMBER)
    .add("ok", BooleanType())
    .add("position", StructType().add("latitude", NUMBER).add("longitude", NUMBER))
    .add("tags", ArrayType(TEXT))
    .add("attributes", MapType(TEXT, TEXT))
    .add("note", TEXT)
)


def open_session(folder: Path) -> SparkSession:
    """A session with Spark's defaults, without our settings for a fast start."""
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    settings = {
        "spark.driver.extraClassPath": class_path(),
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "2g",
        "spark.local.dir": str(folder / "scratch"),
        "spark.log.level": "ERROR",
        "spark.sql.session.timeZone": "UTC",
        "spark.ui.enabled": "false",
    }
    builder = SparkSession.builder.master("local[2]").appName("landing")
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def prepare(source: Path, target: Path) -> Callable[[], None]:
    """Open the session, and prepare the query."""
    rows = open_session(target).read.schema(ROW).json(str(source))
    return lambda: rows.write.format("avro").save(str(target / "lake"))
