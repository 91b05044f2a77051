"""dlt: its reader of JSON lines, and its pipeline into a folder of Parquet files."""

import os
from collections.abc import Callable
from pathlib import Path

import dlt
from dlt.sources.filesystem import filesystem, read_jsonl


def prepare(source: Path, target: Path) -> Callable[[], None]:
    """Make the pipeline; it keeps its state beside its output."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    pipeline = dlt.pipeline(
        "landing",
        pipelines_dir=str(target / "pipelines"),
        destination=dlt.destinations.filesystem((target / "lake").as_uri()),
        dataset_name="bronze",
    )
    files = filesystem(bucket_url=source.parent.as_uri(), file_glob=source.name)
    rows = (files | read_jsonl()).with_name("readings")

    def run() -> None:
        pipeline.run(rows, loader_file_format="parquet").raise_on_failed_jobs()

    return run
