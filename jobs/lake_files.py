"""Reads and writes small texts in the lake with DataFrames alone, so that any compute can.

Serverless compute has neither the JVM's file systems nor RDDs.
"""

from pyspark.sql import SparkSession


def read_text(spark: SparkSession, uri: str) -> str:
    """Read a whole file; fails where there is none."""
    (whole,) = spark.read.text(uri, wholetext=True).collect()
    return str(whole["value"])


def write_text(spark: SparkSession, folder: str, text: str) -> None:
    """Write one line as the only part of a folder, and replace what was there."""
    line = spark.createDataFrame([(text,)], "value string").coalesce(1)
    line.write.mode("overwrite").text(folder)
