"""The settings of every Spark session on this machine, made for a quick start."""

import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from local.spark.jars import PINS, jar_path

# The Python path of Spark's workers: it holds our own daemon.
WORKERS_PATH = "spark.executorEnv.PYTHONPATH"
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
    # By default, Delta reads a table's log in 50 tasks: seconds, for logs of kilobytes.
    "spark.databricks.delta.snapshotPartitions": "2",
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.python.daemon.module": "landfall_daemon",
    WORKERS_PATH: str(Path(__file__).with_name("workers")),
}
MASTER = "local[2]"
VARIABLES = {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}


def class_path() -> str:
    """The jars kept here: on Java's own path, so an archive can hold their classes too."""
    return os.pathsep.join(str(jar_path(coordinates)) for coordinates in PINS)


def script_environment(
    folder: Path, wanted: Mapping[str, str], java_options: str
) -> dict[str, str]:
    """The variables with which a script's own `builder.getOrCreate()` opens such a session.

    Scratch files and the tables of its catalog go under the folder. `wanted` are the script's own
    Spark settings; it cannot choose its master or its memory.
    """
    places = [f"-D{name}={shlex.quote(str(folder))}" for name in _PLACES]
    java = [wanted.get("spark.driver.extraJavaOptions", ""), JAVA_OPTIONS, java_options, *places]
    wanted_path = [wanted[WORKERS_PATH]] if WORKERS_PATH in wanted else []
    own = {
        "spark.master": MASTER,
        **{name: SETTINGS[name] for name in _NOT_THE_SCRIPTS},
        "spark.driver.extraClassPath": class_path(),
        "spark.driver.extraJavaOptions": " ".join(java).strip(),
        "spark.local.dir": str(folder),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        WORKERS_PATH: os.pathsep.join([*wanted_path, SETTINGS[WORKERS_PATH]]),
    }
    settings = {**SETTINGS, **wanted, **own}
    arguments = [part for pair in settings.items() for part in ("--conf", "=".join(pair))]
    return {
        **VARIABLES,
        "PYSPARK_SUBMIT_ARGS": shlex.join([*arguments, "pyspark-shell"]),
        "SPARK_LAUNCHER_OPTS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData",
        "TMPDIR": str(folder),
    }


_PLACES = ("java.io.tmpdir", "derby.system.home")
_NOT_THE_SCRIPTS = ("spark.driver.memory", "spark.driver.host", "spark.driver.bindAddress")
