"""What the acceptance tests do, in a user's words."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import psutil
import pytest
from databricks.sdk import WorkspaceClient

from local.account import Document, get, lake_folder, list_batches, read_records
from local.kit.waiting import wait_until
from local.parts import ROOT
from local.stack import Stack

NASA = ROOT.parent / "shared" / "data" / "nasa"
METEORITES = NASA / "meteorite_landings.csv"
CLOSE_APPROACHES = NASA / "close_approaches_2020.json"
needs_nasa = pytest.mark.skipif(not NASA.is_dir(), reason=f"NASA's files are not in {NASA}")


def start_producer(stack: Stack, *arguments: str, root: Path = ROOT) -> subprocess.Popen[bytes]:
    report = stack.data / "report.json"
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "producer", "--stack", str(stack.file), *arguments),
            *("--report", str(report)),
        ],
        cwd=root,
        stdout=subprocess.DEVNULL,
    )


def finish(producer: subprocess.Popen[bytes], stack: Stack) -> Document:
    assert producer.wait(timeout=300) == 0
    return json.loads((stack.data / "report.json").read_text())


def produce(stack: Stack, *arguments: str, root: Path = ROOT) -> Document:
    return finish(start_producer(stack, *arguments, root=root), stack)


def committed_records(stack: Stack) -> tuple[list[Document], list[Document]]:
    """The landed and the quarantined records of every file that a committed batch names."""
    status = get(stack, "/api/status")
    files = [file for batch in list_batches(stack, status) for file in batch["files"]]
    found = [(file["contract"], row) for file in files for row in read_records(stack, file["path"])]
    return [row for name, row in found if name], [row for name, row in found if not name]


def times_seen(records: list[Document]) -> set[int]:
    """How often the sequence numbers stand in the records: {1} when each is there once."""
    counted = Counter(
        (row["_landfall"]["partition_id"], row["_landfall"]["sequence_number"]) for row in records
    )
    return set(counted.values())


def kill(stack: Stack, name: str) -> None:
    """Kill a part as `kill -9` does, and wait until it is gone."""
    process = next(part for part in stack.running() if part.name == name).process()
    assert process is not None
    process.kill()
    psutil.wait_procs([process])


def wait_for(stack: Stack, holds: Callable[[Document], bool]) -> Document:
    """Ask for the status until something holds of it; fails after two minutes."""

    def find() -> Document | None:
        status = get(stack, "/api/status")
        return status if holds(status) else None

    return wait_until(find, 120)


def workspace(stack: Stack) -> WorkspaceClient:
    """The runner, through the SDK that the service uses."""
    settings = json.loads(stack.file.read_text())["settings"]
    return WorkspaceClient(
        host=settings["LANDFALL_DATABRICKS_HOST"], token=settings["LANDFALL_DATABRICKS_TOKEN"]
    )


def runs_by_name(stack: Stack) -> dict[str, list[str]]:
    """How the runs of each name ended, in the order in which they were submitted."""
    runs = sorted(workspace(stack).jobs.list_runs(), key=lambda run: run.run_id)
    ended: dict[str, list[str]] = {}
    for run in runs:
        result = run.state.result_state
        ended.setdefault(run.run_name, []).append(result.value if result else "")
    return ended


def table(stack: Stack, name: str) -> pl.DataFrame:
    """A Delta table of the lake, read by delta-rs."""
    return pl.read_delta(str(lake_folder(stack) / name))


def totals(status: Document) -> dict[str, Any]:
    return dict(status["ingest"]["totals"])
