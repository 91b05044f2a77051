"""The main job on a stack of its own: send, wait until all is accounted for, check, and tell."""

import json
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from local.account import (
    Document,
    lake_folder,
    list_batches,
    read_records,
    wait_until_committed,
    wait_until_transformed,
)
from local.app_settings import has_spark
from local.delta import read_gold, read_silver
from local.dropzone import drop_file
from local.parts import ROOT
from local.ports import find_free_base
from local.stack import DEFAULT_DATA, Stack, open_stack

DEFAULT_BAD = 0.01


class DemoError(Exception):
    """The numbers do not add up, or the job did not end; the message says where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What enters: a number of synthesized events, a file's rows, or a file that is dropped."""

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
        """What enters, in words."""
        source = self.file.name if self.file else f"{self.count:,} synthesized events"
        return f"{source} as {self.contract}{', dropped' if self.is_dropped else ''}"


def run_demo(load: Load, data: Path | None, port_base: int | None) -> None:
    """Run the main job from an empty lake to a checked account of it; leaves no process.

    Raises DemoError where anything does not add up. The data folder stays, to look at.
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
    """Send events and wait until they are committed; returns how many are landed."""
    began = time.monotonic()
    report = _send(load, stack)
    status = wait_until_committed(stack, report["sent"])
    seconds = time.monotonic() - began
    batches = list(list_batches(stack, status))
    _check(report, status, batches, stack)
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


def _check(report: Document, status: Document, batches: list[Document], stack: Stack) -> None:
    """Hold what was sent, the ledger, and the lake's own records against each other."""
    totals = status["ingest"]["totals"]
    numbers: Counter[tuple[str, int]] = Counter()
    reasons: Counter[str] = Counter()
    for file in _files(batches):
        for record in read_records(stack, file["path"]):
            origin = record["_landfall"]
            numbers[origin["partition_id"], origin["sequence_number"]] += 1
            if file["contract"] is None:
                reasons[record["reason"]] += 1
    known_bad: Counter[str] = Counter(report["bad_by_reason"])
    _require(
        {
            "sent = landed + quarantined": report["sent"]
            == totals["landed"] + totals["quarantined"],
            "each event once in the lake": len(numbers) == numbers.total() == report["sent"],
            "nothing missing or lost": totals["missing"] == totals["lost"] == 0,
            "quarantine file = ledger": reasons.total() == totals["quarantined"],
            "every known-bad event is in quarantine, for its reason": known_bad <= reasons,
        },
        f"{totals}, sent {report['sent']}",
    )


def _require(checks: dict[str, bool], told: str) -> None:
    failed = [name for name, holds in checks.items() if not holds]
    if failed:
        message = f"does not add up: {'; '.join(failed)}: {told}"
        raise DemoError(message)


def _files(batches: list[Document]) -> Iterator[Document]:
    for batch in batches:
        yield from batch["files"]


def _tell(report: Document, status: Document, batches: list[Document], seconds: float) -> None:
    totals = status["ingest"]["totals"]
    partitions = len(status["ingest"]["partitions"])
    reasons: Counter[str] = Counter()
    for contract in status["contracts"]:
        reasons.update(contract["reasons"])
    files = list(_files(batches))
    size = sum(file["bytes"] for file in files)
    print(f"  sent         {report['sent']:>8,}  over {partitions} partitions")
    print(f"  landed       {totals['landed']:>8,}")
    _tell_quarantined(reasons)
    print(f"  duplicates   {totals['duplicates']:>8,}  missing {totals['missing']}, lost 0")
    print(f"  batches      {len(batches):>8,}  {len(files)} files, {size / 1e6:.1f} MB")
    print(f"  speed        {report['sent'] / seconds:>8,.0f}  events/s, from sending to committed")


def _tell_quarantined(reasons: Counter[str]) -> None:
    print(f"  quarantined  {reasons.total():>8,}")
    for reason, count in reasons.most_common():
        print(f"    {reason:24} {count:>6,}")


def _drop(file: Path, contract: str, stack: Stack) -> int:
    """Drop a file and wait for its run; returns how many of its rows are good."""
    if not has_spark():
        message = "a dropped file needs Spark: install a Java 17 runtime and run `make setup`"
        raise DemoError(message)
    settings = json.loads(stack.file.read_text())["settings"]
    path = f"{contract}/{file.name}"
    drop_file(settings, file, path)
    (entry,) = wait_until_transformed(stack)["dropzone"]
    reasons = Counter(record["reason"] for record in _read_quarantined(stack))
    _require(
        {
            "rows in = rows out + rows quarantined": entry["rows_in"]
            == entry["rows_out"] + entry["rows_quarantined"],
            "quarantine files = the run's figures": reasons.total() == entry["rows_quarantined"],
        },
        str(entry),
    )
    print(f"  dropped      {entry['rows_in']:>8,}  rows of {path}")
    _tell_quarantined(reasons)
    return int(entry["rows_out"])


def _read_quarantined(stack: Stack) -> Iterator[Document]:
    lake = lake_folder(stack)
    for file in lake.glob("quarantine/*/*/dropzone-*/*.avro"):
        yield from read_records(stack, str(file.relative_to(lake)))


def _tell_tables(contract: str, good: int, stack: Stack) -> None:
    """Wait for the runs, and hold silver and gold against what is good."""
    began = time.monotonic()
    runs = wait_until_transformed(stack)["transform"]["runs"]
    seconds = time.monotonic() - began
    silver, gold = read_silver(stack, contract), read_gold(stack, contract)
    _require(
        {
            "silver has each good event once": silver.rows == silver.events == good,
            "the runs' figures": sum(run["rows_out"] for run in runs) in (good, 0),
            "gold adds up to silver": gold is None or gold.events == silver.rows,
        },
        f"{good} good, {silver}, {gold}",
    )
    if runs:
        print(f"  runs         {len(runs):>8,}  succeeded, {seconds:.0f} s after the last commit")
    print(f"  silver       {silver.rows:>8,}  rows, each event once")
    if gold:
        print(f"  gold         {gold.rows:>8,}  rows of {gold.name}, of {gold.events:,} events")


def _tell_where(stack: Stack) -> None:
    print("  every number above was read back from the files and tables")
    print("Where to look:")
    print(f"  lake         {lake_folder(stack)}")
    for layer in sorted(path.name for path in lake_folder(stack).iterdir() if path.name[0] != "_"):
        print(f"    {layer}")
    print(f"  logs         {stack.data / 'logs'}")
