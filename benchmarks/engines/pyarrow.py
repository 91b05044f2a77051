"""pyarrow: reads the lines into a table and writes Parquet; infers all types but the time's."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
from pyarrow import json, parquet


def prepare(source: Path, target: Path) -> Callable[[], None]:
    """Declare the type of the time, which pyarrow would read as text."""
    known = pa.schema([("occurred_at", pa.timestamp("us", "UTC"))])
    options = json.ParseOptions(explicit_schema=known)

    def run() -> None:
        table = json.read_json(source, parse_options=options)
        parquet.write_table(table, target / "readings.parquet")

    return run
