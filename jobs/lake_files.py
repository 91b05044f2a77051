"""Small files of the lake, through Hadoop's file system, so that abfss and file look alike."""

from typing import Any

from pyspark.sql import SparkSession


def read_text(spark: SparkSession, uri: str) -> str:
    """Read a whole file; fails where there is none."""
    (whole,) = spark.read.text(uri, wholetext=True).collect()
    return str(whole["value"])


def write_text(spark: SparkSession, uri: str, text: str) -> None:
    """Write a whole file over what was there."""
    jvm: Any = spark.sparkContext._jvm
    path = jvm.org.apache.hadoop.fs.Path(uri)
    file_system = path.getFileSystem(spark.sparkContext._jsc.hadoopConfiguration())
    stream = file_system.create(path, True)
    try:
        stream.write(bytearray(text.encode()))
    finally:
        stream.close()
