"""A hub that is full, and a host that lands what it holds."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.stack_runs.shares import sample
from local.parts import ROOT
from local.ports import find_free_base, ports_from
from local.stack import Stack
from ops.stores import open_stores, settings_of
from shared.ledger import CommittedBatch
from shared.ports import LedgerStore
from tests.chaos.committed import read_batches

HUB = "events"
POLL_SECONDS = 0.5
STALLED_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What the bare SDK took for the same events."""

    seconds: float
    cpu: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Drained:
    """What landing all that a hub held took; CPU seconds by the stack's processes.

    The first commit starts the clock: the events that it brought are left out of `events`.
    """

    partitions: int
    events: int
    left_out: int
    seconds: float
    cpu: Mapping[str, float]
    bare: Received
    shares: Mapping[str, float]

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds


def drain(partitions: int, count: int, profile_seconds: float = 0) -> Drained:
    """Fill a hub of so many partitions, receive it bare, then have the host land it."""
    with new_stack() as stack:
        hubs = (f"{HUB}:{partitions}",)
        stack.up(hubs, with_host=False)
        produce(stack, count)
        bare = _receive_bare(stack, count)
        before = _cpu(stack)
        stack.up(hubs)
        shares = sample(_host(stack).pid, profile_seconds) if profile_seconds else {}
        batches = wait_for_batches(stack, partitions, count)
        after = _cpu(stack)
    commits = sorted(batch.committed_at for batch in batches)
    first = min(batches, key=lambda batch: batch.committed_at)
    return Drained(
        partitions=partitions,
        events=count - events_in(first),
        left_out=events_in(first),
        seconds=(commits[-1] - commits[0]).total_seconds(),
        cpu={name: seconds - before.get(name, 0) for name, seconds in after.items()},
        bare=bare,
        shares=shares,
    )


@contextmanager
def new_stack() -> Iterator[Stack]:
    """A stack of its own in a folder of its own, gone afterwards; it ends at bronze."""
    os.environ["LANDFALL_TRANSFORM_SCHEDULE"] = "0 0 0 1 1 *"
    with tempfile.TemporaryDirectory(prefix="landfall-bench-") as folder:
        stack = Stack(data=Path(folder), ports=ports_from(find_free_base()))
        try:
            yield stack
        finally:
            stack.down()


def produce(stack: Stack, count: int, *more: str) -> None:
    """Send so many good events, of the contract that the sample sends too."""
    command = [sys.executable, "-m", "producer", "--stack", str(stack.file), "--seed", "5"]
    command += ["--contract", "telemetry", "--count", str(count), *more]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)


def wait_for_batches(stack: Stack, partitions: int, count: int) -> list[CommittedBatch]:
    """Ask the ledger, not the host, until all is committed; raises where nothing goes on."""
    ledger = open_stores(settings_of(stack.file)).ledger
    seen, since = -1, time.monotonic()
    while (committed := _committed(ledger)) < count:
        if committed > seen:
            seen, since = committed, time.monotonic()
        if time.monotonic() - since > STALLED_SECONDS:
            message = f"{committed:,} of {count:,} events are committed, and no more"
            raise TimeoutError(message)
        time.sleep(POLL_SECONDS)
    return [b for p in range(partitions) for b in read_batches(ledger, HUB, str(p))]


def events_in(batch: CommittedBatch) -> int:
    """How many sequence numbers a batch brought."""
    return sum(part.count for part in batch.ranges)


def _committed(ledger: LedgerStore) -> int:
    return sum(state.head - state.start for state in ledger.list_states())


def _receive_bare(stack: Stack, count: int) -> Received:
    settings = json.loads(stack.file.read_text())["settings"]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.stack_runs.bare_receive", str(count)],
        cwd=ROOT,
        env=os.environ | settings,
        capture_output=True,
        check=True,
    )
    return Received(**json.loads(done.stdout))


def _host(stack: Stack) -> psutil.Process:
    return next(part for part in stack.running() if part.name == "host").process()


def _cpu(stack: Stack) -> dict[str, float]:
    found = {part.name: part.process() for part in stack.running()}
    times = {name: process.cpu_times() for name, process in found.items() if process}
    return {name: float(taken.user + taken.system) for name, taken in times.items()}
