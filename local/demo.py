"""The main job on its own stack: send, wait until all is accounted for, check, and report."""

import json
import shutil
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from local.account import (
    Document,
    lake_folder,
    list_batches,
    wait_until_committed,
    wait_until_transformed,
)
from local.app_settings import has_spark
from local.delta import read_gold, read_silver
from local.demo_checks import (
    DemoError,
    check_dropped,
    check_landed,
    check_tables,
    count_quarantined,
    files_of,
)
from local.dropzone import drop_file
from local.parts import ROOT
from local.ports import find_free_base
from local.stack import DEFAULT_DATA, Stack, open_stack

DEFAULT_BAD = 0.01
REASONS_SHOWN = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The input: a number of synthesized events, a file's rows as events, or a dropped file."""

    contract: str
    file: Path | None
    count: int
    bad: float | None
    is_dropped: bool = False

    @property
    def arguments(self) -> list[str]:
        """The producer's arguments."""
        bad = DEFAULT_BAD if self.bad is None and self.file is None else self.bad or 0
        source = ["--file", str(self.file)] if self.file else ["--count", str(self.count)]
        return ["--contract", self.contract, *source, "--bad", str(bad)]

    @property
    def title(self) -> str:
        """The input in words."""
        source = self.file.name if self.file else f"{self.count:,} synthesized events"
        return f"{source} as {self.contract}{', dropped' if self.is_dropped else ''}"


def run_demo(load: Load, data: Path | None, port_base: int | None) -> None:
    """Run the main job on an empty lake and check the result; leaves no process.

    Raises DemoError if anything does not add up. The data folder stays for inspection.
    """
    data = data or DEFAULT_DATA / "demo"
    stack = open_stack(data, port_base or find_free_base())
    if stack.running():
        message = f"a stack runs in {data}: stop it with `python -m local down --data {data}`"
        raise DemoError(message)
    shutil.rmtree(data, ignore_errors=True)
    stack = open_stack(data, port_base or find_free_base())
    try:
        _run(load, stack)
    finally:
        stack.down()


def _run(load: Load, stack: Stack) -> None:
    print(f"Landfall demo: {load.title}")
    began = time.monotonic()
    stack.up()
    print(f"  stack        up in {time.monotonic() - began:.1f} s, {stack.host_url}")
    if load.is_dropped and load.file:
        good = _drop(load.file, load.contract, stack)
    else:
        good = _ingest(load, stack)
    if has_spark():
        _tell_tables(load.contract, good, stack)
    else:
        print("  silver, gold left out: they need a Java 17 runtime and another `make setup`")
    _tell_where(stack)


def _ingest(load: Load, stack: Stack) -> int:
    """Send events and wait until they are committed; returns how many landed."""
    began = time.monotonic()
    report = _send(load, stack)
    status = wait_until_committed(stack, report["sent"])
    seconds = time.monotonic() - began
    batches = list(list_batches(stack, status))
    check_landed(report, status, batches, stack)
    _tell(report, status, batches, seconds)
    return int(status["ingest"]["totals"]["landed"])


def _send(load: Load, stack: Stack) -> Document:
    report = stack.data / "report.json"
    command = [sys.executable, "-m", "producer", "--stack", str(stack.file)]
    command += [*load.arguments, "--report", str(report)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False)
    if done.returncode:
        message = "the producer failed, its message is above"
        raise DemoError(message)
    document: Document = json.loads(report.read_text())
    return document


def _tell(report: Document, status: Document, batches: list[Document], seconds: float) -> None:
    totals = status["ingest"]["totals"]
    partitions = len(status["ingest"]["partitions"])
    reasons: Counter[str] = Counter()
    for contract in status["contracts"]:
        reasons.update(contract["reasons"])
    files = list(files_of(batches))
    size = sum(file["bytes"] for file in files)
    print(f"  sent         {report['sent']:>8,}  over {partitions} partitions")
    print(f"  landed       {totals['landed']:>8,}")
    _tell_quarantined(reasons)
    gone = f"missing {totals['missing']}, lost {totals['lost']}"
    print(f"  duplicates   {totals['duplicates']:>8,}  {gone}")
    print(f"  batches      {len(batches):>8,}  {len(files)} files, {size / 1e6:.1f} MB")
    print(f"  speed        {report['sent'] / seconds:>8,.0f}  events/s, from sending to committed")


def _tell_quarantined(reasons: Counter[str]) -> None:
    print(f"  quarantined  {reasons.total():>8,}")
    for reason, count in reasons.most_common(REASONS_SHOWN):
        print(f"    {reason:24} {count:>6,}")
    if len(reasons) > REASONS_SHOWN:
        print(f"    and {len(reasons) - REASONS_SHOWN} more reasons")


def _drop(file: Path, contract: str, stack: Stack) -> int:
    """Drop a file and wait for its run; returns how many of its rows are good."""
    if not has_spark():
        message = "a dropped file needs Spark: install a Java 17 runtime and run `make setup`"
        raise DemoError(message)
    settings = json.loads(stack.file.read_text())["settings"]
    path = f"{contract}/{file.name}"
    drop_file(settings, file, path)
    (entry,) = wait_until_transformed(stack)["dropzone"]
    reasons = count_quarantined(stack)
    check_dropped(entry, reasons)
    print(f"  dropped      {entry['rows_in']:>8,}  rows of {path}")
    _tell_quarantined(reasons)
    return int(entry["rows_out"])


def _tell_tables(contract: str, good: int, stack: Stack) -> None:
    """Wait for the runs, and compare silver and gold with the number of good events."""
    began = time.monotonic()
    runs = wait_until_transformed(stack)["transform"]["runs"] if good else []
    seconds = time.monotonic() - began
    silver = read_silver(stack, contract)
    gold = read_gold(stack, contract) if good else ()
    check_tables(good, runs, silver, gold)
    if runs:
        print(f"  runs         {len(runs):>8,}  succeeded, {seconds:.0f} s after the last commit")
    print(f"  silver       {silver.rows:>8,}  rows, each event once")
    for table in gold:
        print(f"  gold         {table.rows:>8,}  rows of {table.name}, of {table.events:,} events")


def _tell_where(stack: Stack) -> None:
    print("  every number above was read back from the files and tables")
    print("Where to look:")
    print(f"  lake         {lake_folder(stack)}")
    for layer in sorted(path.name for path in lake_folder(stack).iterdir() if path.name[0] != "_"):
        print(f"    {layer}")
    print(f"  logs         {stack.data / 'logs'}")
