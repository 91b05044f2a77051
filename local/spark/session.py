"""A Spark session on this machine, with Avro and Delta, made for a quick start."""

import os
import shutil
import sys

from pyspark.sql import SparkSession

from local.spark.jars import PINS, jar_path, missing_jars

# One compiler tier and the plain collector: half the start time, for jobs of seconds.
JAVA_OPTIONS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": JAVA_OPTIONS,
    "spark.log.level": "ERROR",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
}


def why_spark_is_missing() -> str:
    """What keeps Spark from running here; empty where nothing does."""
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        return "there is no Java: install a Java 17 runtime and run `make setup`"
    missing = missing_jars()
    return f"jars are missing: {', '.join(missing)}: run `make setup`" if missing else ""


def open_spark() -> SparkSession:
    """Start a session; it ends with the process or with `stop`."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    builder = SparkSession.builder.master("local[2]").appName("landfall")
    jars = ",".join(str(jar_path(coordinates)) for coordinates in PINS)
    for name, value in {**SETTINGS, "spark.jars": jars}.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()
