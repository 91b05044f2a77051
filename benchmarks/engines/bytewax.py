"""bytewax: a dataflow from the file's lines to Avro files, in plain Python with fastavro."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import bytewax.operators as op
import fastavro
import orjson
from bytewax.connectors.files import FileSource
from bytewax.dataflow import Dataflow
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.testing import run_main

from benchmarks.readings import SCHEMA

Row = dict[str, Any]


class AvroPartition(StatelessSinkPartition):  # type: ignore[misc] # bytewax may be absent
    """One worker's output file."""

    def __init__(self, path: Path) -> None:
        """Open the file."""
        self._file = path.open("wb")
        self._writer = fastavro.write.Writer(self._file, SCHEMA)

    def write_batch(self, items: Sequence[tuple[str, list[Row]]]) -> None:
        """Write the rows."""
        for _, rows in items:
            for row in rows:
                self._writer.write(row)

    def close(self) -> None:
        """Write the remaining items."""
        self._writer.flush()
        self._file.close()


class AvroSink(DynamicSink):  # type: ignore[misc] # bytewax may be absent
    """A folder of Avro files."""

    def __init__(self, folder: Path) -> None:
        """Keep the output folder."""
        self._folder = folder

    def build(self, _step_id: str, worker_index: int, _worker_count: int) -> AvroPartition:
        """Make a worker's file."""
        return AvroPartition(self._folder / f"readings-{worker_index}.avro")


def prepare(source: Path, target: Path) -> Callable[[], None]:
    """Build the dataflow."""
    flow = Dataflow("landing")
    lines = op.input("lines", flow, FileSource(source, batch_size=1000))
    rows = op.map("parse", lines, _parse)
    keyed = op.key_on("key", rows, lambda _: "all")
    groups = op.collect("collect", keyed, timedelta(seconds=10), 1000)
    op.output("land", groups, AvroSink(target))
    return lambda: run_main(flow)


def _parse(line: str) -> Row:
    row: Row = orjson.loads(line)
    row["occurred_at"] = datetime.fromisoformat(row["occurred_at"])
    return row
