"""A Spark session on this machine, with Avro and Delta, made for a quick start."""

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from pyspark.sql import SparkSession

from local.spark.jars import PINS, jar_path, missing_jars

# One compiler tier and the plain collector: half the start time, for jobs of seconds. The bounds
# keep a driver, with the heap, well under 2 GB.
JAVA_OPTIONS = (
    "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData "
    "-XX:MaxMetaspaceSize=320m -XX:ReservedCodeCacheSize=96m -XX:MaxDirectMemorySize=128m"
)
SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.log.level": "ERROR",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "2",
    # Delta reads a table's log in 50 tasks where it is not told: seconds, for logs of kilobytes.
    "spark.databricks.delta.snapshotPartitions": "2",
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
}
MASTER = "local[2]"


def why_spark_is_missing() -> str:
    """What keeps Spark from running here; empty where nothing does."""
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        return "there is no Java: install a Java 17 runtime and run `make setup`"
    missing = missing_jars()
    return f"jars are missing: {', '.join(missing)}: run `make setup`" if missing else ""


def open_spark() -> SparkSession:
    """Start a session; it ends with the process or with `stop`."""
    os.environ.update(_VARIABLES)
    builder = SparkSession.builder.master(MASTER).appName("landfall")
    for name, value in _settings().items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def script_environment(folder: Path, wanted: Mapping[str, str]) -> dict[str, str]:
    """The variables under which a script's own `builder.getOrCreate()` opens such a session.

    Scratch files, and the tables of its catalog, go under the folder. `wanted` are Spark settings
    of the script's; where it runs and how much memory it has are not its to choose.
    """
    java = " ".join(
        [
            wanted.get("spark.driver.extraJavaOptions", ""),
            JAVA_OPTIONS,
            f"-Djava.io.tmpdir={shlex.quote(str(folder))}",
            f"-Dderby.system.home={shlex.quote(str(folder))}",
        ]
    )
    own = {
        "spark.master": MASTER,
        "spark.driver.memory": SETTINGS["spark.driver.memory"],
        "spark.driver.host": SETTINGS["spark.driver.host"],
        "spark.driver.bindAddress": SETTINGS["spark.driver.bindAddress"],
        "spark.driver.extraClassPath": _class_path(),
        "spark.driver.extraJavaOptions": java.strip(),
        "spark.local.dir": str(folder),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
    }
    settings = {**_settings(), **wanted, **own}
    arguments = [part for pair in settings.items() for part in ("--conf", "=".join(pair))]
    return {
        **_VARIABLES,
        "PYSPARK_SUBMIT_ARGS": shlex.join([*arguments, "pyspark-shell"]),
        "SPARK_LAUNCHER_OPTS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData",
        "TMPDIR": str(folder),
    }


_VARIABLES = {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}


def _settings() -> dict[str, str]:
    """All settings; the jars are on the class path, where Java can share their classes."""
    return {
        **SETTINGS,
        "spark.driver.extraClassPath": _class_path(),
        "spark.driver.extraJavaOptions": JAVA_OPTIONS,
    }


def _class_path() -> str:
    return os.pathsep.join(str(jar_path(coordinates)) for coordinates in PINS)
