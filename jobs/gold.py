"""Derive a contract's gold tables from its silver: `gold.py --contract NAME --lake URI`.

Each table is a SELECT beside the contract. A run computes the whole table again and replaces it at
once, so a second run changes nothing.
"""

import argparse

from pyspark.sql import SparkSession

from shared.adapters.contract_files import CONTRACTS_FOLDER, load_gold
from shared.contracts.gold import GoldTable


def run_gold(spark: SparkSession, contract: str, lake: str) -> tuple[str, ...]:
    """Replace the contract's gold tables; returns their names, none for a contract without one."""
    tables = load_gold(CONTRACTS_FOLDER, contract)
    for table in tables:
        replace_gold(spark, table, contract, lake)
    return tuple(table.name for table in tables)


def replace_gold(spark: SparkSession, table: GoldTable, contract: str, lake: str) -> None:
    """Compute one table again from silver, and replace it."""
    spark.read.format("delta").load(f"{lake}/silver/{contract}").createOrReplaceTempView("silver")
    gold = spark.sql(table.query).write.format("delta").mode("overwrite")
    gold.option("overwriteSchema", "true").save(f"{lake}/gold/{table.name}")


def main() -> None:
    """Derive one contract's tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("contract", "lake"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args()
    if not run_gold(SparkSession.builder.getOrCreate(), options.contract, options.lake):
        parser.error(f"{options.contract!r} has no gold table in {CONTRACTS_FOLDER}")


if __name__ == "__main__":
    main()
