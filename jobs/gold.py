"""Derive a contract's gold table from its silver: `gold.py --contract NAME --lake URI`.

The whole table is computed anew and replaced at once, so that a second run changes nothing.
"""

import argparse
from collections.abc import Callable, Mapping

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f


def telemetry_by_device_and_hour(silver: DataFrame) -> DataFrame:
    """Each device's hours: how much it said, how well it was, and what it measured."""
    return silver.groupBy("device_id", f.date_trunc("hour", "occurred_at").alias("hour")).agg(
        f.count("*").alias("events"),
        f.count_if(f.col("event_type") == "alarm").alias("alarms"),
        f.avg(f.col("ok").cast("double")).alias("ok_share"),
        f.min("temperature").alias("temperature_min"),
        f.avg("temperature").alias("temperature_avg"),
        f.max("temperature").alias("temperature_max"),
        f.avg("pressure").alias("pressure_avg"),
        f.min("occurred_at").alias("first_at"),
        f.max("occurred_at").alias("last_at"),
    )


def meteorites_by_decade_and_class(silver: DataFrame) -> DataFrame:
    """How many meteorites of a class a decade brought, and their mass; without a year, null."""
    decade = (f.floor(f.col("year") / 10) * 10).cast("int").alias("decade")
    return silver.groupBy(decade, "recclass").agg(
        f.count("*").alias("meteorites"), f.sum("mass_g").alias("mass_g")
    )


def close_approaches_by_month(silver: DataFrame) -> DataFrame:
    """Each month's approaches, with the closest."""
    closest = f.min_by(f.struct("designation", "dist_au", "close_approach_at"), "dist_au")
    month = f.date_trunc("month", "close_approach_at").cast("date").alias("month")
    return silver.groupBy(month).agg(
        f.count("*").alias("approaches"),
        closest.alias("closest"),
        f.max("v_rel_km_s").alias("fastest_km_s"),
    )


GOLD: Mapping[str, tuple[str, Callable[[DataFrame], DataFrame]]] = {
    "telemetry": ("telemetry_by_device_and_hour", telemetry_by_device_and_hour),
    "meteorite_landing": ("meteorites_by_decade_and_class", meteorites_by_decade_and_class),
    "close_approach": ("close_approaches_by_month", close_approaches_by_month),
}


def run_gold(spark: SparkSession, contract: str, lake: str) -> str | None:
    """Replace the contract's gold table; returns its name, None for a contract without one."""
    if contract not in GOLD:
        return None
    name, derive = GOLD[contract]
    silver = spark.read.format("delta").load(f"{lake}/silver/{contract}")
    gold = derive(silver).write.format("delta").mode("overwrite")
    gold.option("overwriteSchema", "true").save(f"{lake}/gold/{name}")
    return name


def main() -> None:
    """Derive one contract's table."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("contract", "lake"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args()
    if options.contract not in GOLD:
        parser.error(f"{options.contract!r} has no gold table; known are {', '.join(GOLD)}")
    run_gold(SparkSession.builder.getOrCreate(), options.contract, options.lake)


if __name__ == "__main__":
    main()
