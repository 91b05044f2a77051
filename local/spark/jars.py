"""Fetch the pinned jars from Maven Central through Spark's own resolver, and check each.

    python -m local.spark.jars

Spark asks Maven Central for missing jars at every start; with the jars kept here, it never has to.
"""

import hashlib
import json
import shutil
import sys
import tempfile
from pathlib import Path

from pyspark.sql import SparkSession

HERE = Path(__file__).parent
PINS: dict[str, str] = json.loads((HERE / "jars.json").read_text())
KEPT = Path(sys.prefix) / "spark-jars"


def missing_jars() -> list[str]:
    """The coordinates of the pinned jars that are missing or do not match their pin."""
    return [
        coordinates
        for coordinates, sha256 in PINS.items()
        if not jar_path(coordinates).exists() or _digest(jar_path(coordinates)) != sha256
    ]


def jar_path(coordinates: str) -> Path:
    """The path of a jar, named as Spark's resolver names it."""
    group, artifact, version = coordinates.split(":")
    return KEPT / f"{group}_{artifact}-{version}.jar"


def fetch_jars() -> None:
    """Fetch the missing jars; raises ValueError if a jar does not match its pin."""
    missing = missing_jars()
    if not missing:
        return
    KEPT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        _resolve(missing, Path(folder))
        for coordinates in missing:
            fetched = Path(folder) / "jars" / jar_path(coordinates).name
            if _digest(fetched) != PINS[coordinates]:
                message = f"{coordinates} is not the jar that was pinned: {_digest(fetched)}"
                raise ValueError(message)
            shutil.copy(fetched, jar_path(coordinates))


def _resolve(coordinates: list[str], folder: Path) -> None:
    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    settings = {
        "spark.jars.packages": ",".join(coordinates),
        "spark.jars.ivy": str(folder),
        "spark.jars.ivySettings": str(HERE / "ivysettings.xml"),
        "spark.driver.host": "127.0.0.1",
        "spark.log.level": "ERROR",
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    builder.getOrCreate().stop()


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    fetch_jars()
