"""Spark's Structured Streaming on two local cores: writes the available rows as Avro and ends."""

from collections.abc import Callable
from pathlib import Path

from benchmarks.engines.spark import ROW, open_session


def prepare(source: Path, target: Path) -> Callable[[], None]:
    """Open the session, and prepare the stream."""
    spark = open_session(target)
    rows = spark.readStream.schema(ROW).option("pathGlobFilter", source.name)
    query = (
        rows.json(str(source.parent))
        .writeStream.format("avro")
        .option("path", str(target / "lake"))
        .option("checkpointLocation", str(target / "checkpoint"))
        .trigger(availableNow=True)
    )

    def run() -> None:
        query.start().awaitTermination()

    return run
