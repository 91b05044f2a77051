"""A full hub, and a host that lands its events."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.stack_runs.idle_host import handle_idly
from benchmarks.stack_runs.shares import sample
from benchmarks.stack_runs.watching import Pace, rate, wait_until, watch
from chaos.committed import read_batches
from local.parts import ROOT
from local.ports import find_free_base, ports_from
from local.stack import Stack
from ops.stack_service import open_service
from shared.hub.address import PartitionAddress
from shared.ledger.batch import CommittedBatch
from shared.ledger.store import LedgerStore

HUB = "events"
HOST, WORKER = "host", "worker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drained:
    """The cost of landing a full hub, compared with two programs that only receive it.

    `cpu` is CPU seconds per event for each process of the stack, without its start. One of these
    processes is the host's worker, which runs the functions.
    """

    partitions: int
    events: int
    rate: float
    cpu: Mapping[str, float]
    bare: Pace
    idle: Pace
    shares: Mapping[str, float]

    @property
    def receive_share(self) -> float:
        """The CPU of the bare receive, as a share of the host process's own CPU."""
        return self.bare.cpu / self.cpu[HOST]


def drain(partitions: int, count: int, profile_seconds: float = 0) -> Drained:
    """Fill a hub; receive it bare, then with the idle function, then let the host land it."""
    with new_stack() as stack:
        hubs = (f"{HUB}:{partitions}",)
        stack.up(hubs, with_host=False)
        produce(stack, count)
        bare = _receive_bare(stack, count)
        idle = handle_idly(stack, count)
        stack.up(hubs)
        shares = sample(_host(stack).pid, profile_seconds) if profile_seconds else {}
        ledger = _ledger(stack)
        cpu = watch(lambda: _committed(ledger), count, lambda: _cpu(stack))
        batches = wait_for_batches(stack, partitions, count)
    return Drained(
        partitions=partitions,
        events=count,
        rate=rate((batch.committed_at.timestamp(), _events_in(batch)) for batch in batches),
        cpu=cpu,
        bare=bare,
        idle=idle,
        shares=shares,
    )


@contextmanager
def new_stack() -> Iterator[Stack]:
    """A new stack in a new folder, removed afterwards; it ends at bronze."""
    os.environ["LANDFALL_TRANSFORM_SCHEDULE"] = "0 0 0 1 1 *"
    with tempfile.TemporaryDirectory(prefix="landfall-bench-") as folder:
        stack = Stack(data=Path(folder), ports=ports_from(find_free_base()))
        try:
            yield stack
        finally:
            stack.down()


def produce(stack: Stack, count: int, *more: str) -> None:
    """Send `count` good events of the sample's contract."""
    command = [sys.executable, "-m", "producer", "--stack", str(stack.file), "--seed", "5"]
    command += ["--contract", "telemetry", "--count", str(count), *more]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)


def wait_for_batches(stack: Stack, partitions: int, count: int) -> list[CommittedBatch]:
    """Ask the ledger, not the host, until everything is committed."""
    ledger = _ledger(stack)
    wait_until(lambda: _committed(ledger), count)
    return [
        b
        for p in range(partitions)
        for b in read_batches(ledger, PartitionAddress(hub=HUB, partition_id=str(p)))
    ]


def _ledger(stack: Stack) -> LedgerStore:
    return open_service(stack.file).ledger


def _events_in(batch: CommittedBatch) -> int:
    return sum(part.count for part in batch.ranges)


def _committed(ledger: LedgerStore) -> int:
    return sum(
        generation.head - generation.start
        for partition in ledger.list_partitions()
        for generation in partition.generations
    )


def _receive_bare(stack: Stack, count: int) -> Pace:
    settings = json.loads(stack.file.read_text())["settings"]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.stack_runs.bare_receive", str(count)],
        cwd=ROOT,
        env=os.environ | settings,
        capture_output=True,
        check=True,
    )
    told = json.loads(done.stdout)
    return Pace(rate=count / told["seconds"], cpu=told["cpu"] / count)


def _host(stack: Stack) -> psutil.Process:
    return next(part for part in stack.running() if part.name == HOST).process()


def _cpu(stack: Stack) -> dict[str, float]:
    (worker,) = _host(stack).children()
    found = {part.name: part.process() for part in stack.running()} | {WORKER: worker}
    times = {name: process.cpu_times() for name, process in found.items() if process}
    return {name: float(taken.user + taken.system) for name, taken in times.items()}
