"""Runs an engine over a file in its own process, and counts the rows that landed."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import fastavro
import polars as pl

from benchmarks.readings import bad_bodies, good_readings, write

ROOT = Path(__file__).resolve().parents[2]
PROBES = 500
# Other output of an engine: child tables, state, rejected events.
ASIDE = ("readings__", "_dlt", "quarantine", "pipelines", "checkpoint", "scratch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """One of `benchmarks.engines`; `is_quick` if it needs no extra package and starts fast."""

    name: str
    title: str
    python: str = sys.executable
    is_quick: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """Seconds of one run: the start, then the work; `landed` is the number of rows written."""

    start_wall: float
    start_cpu: float
    wall: float
    cpu: float
    landed: int


class Sources:
    """The files: good events, half bad events, and events with one torn line."""

    def __init__(self, folder: Path, count: int) -> None:
        """Write the files."""
        self.folder = folder
        readings = good_readings(seed=7)
        self.good = self._write("good", (write(next(readings)) for _ in range(count)))
        good = [write(reading) for reading in islice(readings, PROBES)]
        self.bad = self._write("bad", [*good, *islice(bad_bodies(seed=8, is_json=True), PROBES)])
        self.torn = self._write("torn", [*good, good[0][:100]])

    def _write(self, name: str, lines: Iterator[bytes] | Sequence[bytes]) -> Path:
        path = self.folder / name / "readings.jsonl"
        path.parent.mkdir()
        with path.open("wb") as file:
            file.writelines(line + b"\n" for line in lines)
        return path


def run(engine: Engine, source: Path) -> Took | None:
    """Run an engine in its own process; None if the input makes it fail."""
    with tempfile.TemporaryDirectory(dir=source.parent.parent) as folder:
        target, report = Path(folder) / "target", Path(folder) / "report.json"
        target.mkdir()
        command = [engine.python, "-m", "benchmarks.engines", engine.name]
        # Not the process's own start time: its base is the machine's start in whole seconds.
        spawned_at = time.time()
        done = subprocess.run(
            [*command, str(source), str(target), str(report)],
            cwd=ROOT,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            return None
        return _took(json.loads(report.read_text()), spawned_at, _count(target))


def _took(told: Mapping[str, float], spawned_at: float, landed: int) -> Took:
    return Took(
        start_wall=told["began_at"] - spawned_at,
        start_cpu=told["start_cpu"],
        wall=told["wall"],
        cpu=told["cpu"],
        landed=landed,
    )


def _count(target: Path) -> int:
    """Count the rows in the files that hold the events."""
    files = [
        path
        for path in target.rglob("*")
        if not any(part.startswith(ASIDE) for part in path.relative_to(target).parts)
    ]
    parquet = [path for path in files if path.suffix == ".parquet"]
    avro = [path for path in files if path.suffix == ".avro"]
    rows = sum(pl.scan_parquet(path).select(pl.len()).collect().item() for path in parquet)
    return int(rows) + sum(map(_count_avro, avro))


def _count_avro(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.num_records for block in fastavro.block_reader(file))
