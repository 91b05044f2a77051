"""A Spark session on this machine, with Avro and Delta."""

import os
import shutil

from pyspark.sql import SparkSession

from local.spark.archive import archive_option
from local.spark.jars import missing_jars
from local.spark.settings import JAVA_OPTIONS, MASTER, SETTINGS, VARIABLES, class_path


def why_spark_is_missing() -> str:
    """Why Spark cannot run here; empty if it can."""
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        return "there is no Java: install a Java 17 runtime and run `make setup`"
    missing = missing_jars()
    return f"jars are missing: {', '.join(missing)}: run `make setup`" if missing else ""


def open_spark() -> SparkSession:
    """Start a session; it ends with the process or with `stop`."""
    os.environ.update(VARIABLES)
    settings = {
        **SETTINGS,
        "spark.driver.extraClassPath": class_path(),
        "spark.driver.extraJavaOptions": f"{JAVA_OPTIONS} {archive_option()}",
    }
    builder = SparkSession.builder.master(MASTER).appName("landfall")
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()
