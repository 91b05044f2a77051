"""A script that uses Spark as the jobs do, so Java loads and compiles its classes beforehand.

The archive is recorded from it, and a spare driver warms up with it. It imports nothing of ours, so
a process can run it by its path.
"""

import shutil
import tempfile
from collections.abc import Callable

from pyspark.sql import SparkSession


def main(is_enough: Callable[[], bool] = lambda: False) -> None:
    """Open the session and work with it until it is enough; only the session remains."""
    spark = SparkSession.builder.getOrCreate()
    folder = tempfile.mkdtemp()
    try:
        for work in (_land, _merge, _count, _read_back):
            if is_enough():
                return
            work(spark, folder)
    finally:
        shutil.rmtree(folder)


def _land(spark: SparkSession, folder: str) -> None:
    rows = spark.range(4).selectExpr(
        "id", "named_struct('number', id, 'at', timestamp_seconds(id)) as origin", "'a' as name"
    )
    rows.write.format("avro").save(f"{folder}/avro")


def _merge(spark: SparkSession, folder: str) -> None:
    landed = spark.read.format("avro").load(f"{folder}/avro")
    landed.limit(0).write.format("delta").save(f"{folder}/delta")
    landed.createOrReplaceTempView("exercise")
    spark.sql(
        f"MERGE INTO delta.`{folder}/delta` old USING exercise new ON old.id = new.id "
        "WHEN NOT MATCHED THEN INSERT *"
    ).collect()
    spark.catalog.dropTempView("exercise")


def _count(spark: SparkSession, folder: str) -> None:
    counts = spark.read.format("delta").load(f"{folder}/delta").groupBy("name").count()
    counts.write.format("delta").save(f"{folder}/counts")


def _read_back(spark: SparkSession, folder: str) -> None:
    spark.read.format("delta").load(f"{folder}/delta").toJSON().collect()
    spark.read.text(f"{folder}/delta/_delta_log/*.json", wholetext=True).collect()


if __name__ == "__main__":
    main()
