"""Bring a window to silver and then its contract to gold, on one cluster.

`window.py --manifest URI --lake URI --report URI`; the report is left when both are done.
"""

import argparse

from pyspark.sql import SparkSession

from jobs.gold import run_gold
from jobs.lake_files import read_text, write_text
from jobs.silver import parse_manifest, run_silver


def main() -> None:
    """Run one window."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("manifest", "lake", "report"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args()
    spark = SparkSession.builder.getOrCreate()
    manifest = parse_manifest(read_text(spark, options.manifest))
    figures = run_silver(spark, manifest, options.lake)
    run_gold(spark, manifest.contract, options.lake)
    write_text(spark, options.report, figures.report)


if __name__ == "__main__":
    main()
