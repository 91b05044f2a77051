"""Merge a window's bronze files into silver: `silver.py --manifest URI --lake URI --report URI`.

Reads the files that the manifest names, and nothing else. Running a window twice changes nothing.
"""

import argparse
import json
import time
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession

from jobs.figures import JobFigures
from jobs.lake_files import read_text, write_text
from shared.errors import require_format
from shared.transform.windows import MANIFEST_FORMAT

ORIGIN = "_landfall"
IDENTITY = ("hub", "generation", "partition_id", "sequence_number")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A window: the files of one contract, as the service wrote them down."""

    window: str
    contract: str
    paths: tuple[str, ...]
    records: int


def parse_manifest(text: str) -> Manifest:
    """Read a manifest, which shared/transform/windows.py writes.

    Raises UnreadableFormatError for a newer format.
    """
    document = json.loads(text)
    require_format(document.get("format", 1), MANIFEST_FORMAT, manifest=document.get("window"))
    return Manifest(
        window=document["window"],
        contract=document["contract"],
        paths=tuple(file["path"] for file in document["files"]),
        records=sum(file["records"] for file in document["files"]),
    )


def read_bronze(spark: SparkSession, lake: str, manifest: Manifest) -> DataFrame:
    """Read the window's records, without the columns that Spark makes of folder names."""
    frame = spark.read.format("avro").load([f"{lake}/{path}" for path in manifest.paths])
    return frame.select(frame.columns[: frame.columns.index(ORIGIN) + 1])


def merge_silver(spark: SparkSession, lake: str, contract: str, rows: DataFrame) -> int:
    """Insert the rows whose identity the table does not have; returns how many.

    A contract's newer version may bring fields: the table gains their columns.
    """
    table = f"{lake}/silver/{contract}"
    rows.limit(0).write.format("delta").mode("ignore").save(table)
    rows.createOrReplaceTempView("landfall_window")
    same = " AND ".join(f"t.{ORIGIN}.{name} = s.{ORIGIN}.{name}" for name in IDENTITY)
    (merged,) = spark.sql(
        f"MERGE WITH SCHEMA EVOLUTION INTO delta.`{table}` t USING landfall_window s"
        f" ON {same} WHEN NOT MATCHED THEN INSERT *"
    ).collect()
    return int(merged["num_inserted_rows"])


def run_silver(spark: SparkSession, manifest: Manifest, lake: str) -> JobFigures:
    """Bring one window to silver; raises ValueError where the files are not what was committed."""
    began = time.monotonic()
    rows = read_bronze(spark, lake, manifest)
    rows_in = rows.count()
    if rows_in != manifest.records:
        message = f"{manifest.window}: {rows_in} rows read, {manifest.records} were committed"
        raise ValueError(message)
    merged = merge_silver(spark, lake, manifest.contract, rows)
    return JobFigures(rows_in=rows_in, merged=merged, seconds=round(time.monotonic() - began, 3))


def main() -> None:
    """Run one window."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("manifest", "lake", "report"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args()
    spark = SparkSession.builder.getOrCreate()
    manifest = parse_manifest(read_text(spark, options.manifest))
    write_text(spark, options.report, run_silver(spark, manifest, options.lake).report)


if __name__ == "__main__":
    main()
