"""polars: a lazy scan of the lines, sunk into Parquet; the schema is inferred."""

from collections.abc import Callable
from pathlib import Path

import polars as pl


def prepare(source: Path, target: Path) -> Callable[[], None]:
    """Plan the query."""
    occurred_at = pl.col("occurred_at").str.to_datetime(time_unit="us", time_zone="UTC")
    query = pl.scan_ndjson(source).with_columns(occurred_at)
    return lambda: query.sink_parquet(target / "readings.parquet")
