"""What a stack has committed, read over HTTP and from the lake's own files."""

import json
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from fastavro import reader

from local.stack import Stack, StackError

Document = dict[str, Any]
STALLED_SECONDS = 60
LONGEST_RUN_SECONDS = 600
# A status with this many runs may leave out older ones.
MOST_RUNS_SHOWN = 100


def get(stack: Stack, path: str) -> Document:
    """Ask the function host; raises OSError if it does not answer."""
    with urllib.request.urlopen(f"{stack.host_url}{path}", timeout=30) as answer:
        document: Document = json.load(answer)
    return document


def wait_until_committed(stack: Stack, sent: int) -> Document:
    """Ask for the status until all is committed, and return it; it may take long if it progresses.

    Raises StackError if nothing more is committed for a minute.
    """
    seen, last_progress = -1, time.monotonic()
    while True:
        status = get(stack, "/api/status")
        totals = status["ingest"]["totals"]
        committed = totals["landed"] + totals["quarantined"]
        if committed >= sent and status["state"] == "ok":
            return status
        if committed != seen:
            seen, last_progress = committed, time.monotonic()
        if time.monotonic() - last_progress > STALLED_SECONDS:
            message = (
                f"{committed:,} of {sent:,} events are committed, and no more for "
                f"{STALLED_SECONDS} s: {'; '.join(status['reasons'])} (see {stack.data / 'logs'})"
            )
            raise StackError(message)
        time.sleep(0.2)


def wait_until_transformed(stack: Stack) -> Document:
    """Ask for the status until no run is waiting or running, and return it.

    Raises StackError if a run was given up, or nothing changes for as long as a run may take.
    """
    seen, last_progress = "", time.monotonic()
    while True:
        status = get(stack, "/api/status")
        work = [*status["transform"]["runs"], *status["dropzone"]]
        failed = [item["error"] for item in work if item["state"] == "failed"]
        if failed:
            raise StackError("; ".join(failed))
        waits = status["transform"]["pending_batches"]
        is_over = not waits and work and all(item["state"] == "succeeded" for item in work)
        if is_over and _has_all_that_landed(status):
            return status
        if (standing := json.dumps([waits, work])) != seen:
            seen, last_progress = standing, time.monotonic()
        if time.monotonic() - last_progress > LONGEST_RUN_SECONDS:
            message = f"no run has moved for {LONGEST_RUN_SECONDS} s: {standing}"
            raise StackError(message)
        time.sleep(0.2)


def _has_all_that_landed(status: Document) -> bool:
    """Whether the runs covered every landed event; a status may show runs as of seconds ago."""
    rows = [run["rows_in"] for run in status["transform"]["runs"]]
    is_countable = None not in rows and len(rows) < MOST_RUNS_SHOWN
    return not is_countable or sum(rows) >= status["ingest"]["totals"]["landed"]


def list_batches(stack: Stack, status: Document) -> Iterator[Document]:
    """Every committed batch of the partitions that the status lists, page by page."""
    for partition in status["ingest"]["partitions"]:
        start: int | None = partition["start"]
        while start is not None:
            asked = {
                "hub": partition["hub"],
                "partition": partition["partition_id"],
                "from": start,
            }
            page = get(stack, f"/api/batches?{urllib.parse.urlencode(asked)}")
            yield from page["batches"]
            start = page["next"]


def lake_folder(stack: Stack) -> Path:
    """The folder behind the lake's file system."""
    settings = json.loads(stack.file.read_text())["settings"]
    return stack.data / "lake" / str(settings["LANDFALL_LAKE_FILESYSTEM"])


def read_records(stack: Stack, path: str) -> Iterator[Document]:
    """The records of one file of the lake."""
    with (lake_folder(stack) / path).open("rb") as file:
        yield from cast("Iterator[Document]", reader(file))
