"""How landing comes back: the lake is gone for minutes under load, then the host is killed.

`python -m benchmarks.recovery [--outage SECONDS] [--rate EVENTS] [--kills N]` runs on a stack of
its own, prints what it saw, and ends with 1 where something is not as docs/benchmarks.md says.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import psutil

from local.account import Document, get, wait_until_committed
from local.parts import ROOT
from local.ports import find_free_base, ports_from
from local.stack import Stack

WARM_SECONDS = 15
POLL_SECONDS = 0.1
CLOSES_WITHIN = 60
DRAINS_AT_LEAST = 3.0
LANDS_WITHIN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """What we saw of the lake's outage; times in seconds, rates in events per second."""

    seconds: float
    told_after: float
    waiting: int
    closed_after: float
    drained_after: float
    drain_rate: float


def main() -> int:
    """Run it, and say whether it went as promised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--outage", type=float, default=300, metavar="SECONDS")
    parser.add_argument("--rate", type=int, default=300, metavar="EVENTS", help="a second")
    parser.add_argument("--kills", type=int, default=5, metavar="N")
    options = parser.parse_args()
    # We look only at landing: no window becomes old enough for a run.
    os.environ["LANDFALL_WINDOW_SECONDS"] = "36000"
    data = Path(tempfile.mkdtemp(prefix="landfall-recovery-"))
    stack = Stack(data=data, ports=ports_from(find_free_base()))
    try:
        is_as_promised = _run(stack, options.outage, options.rate, options.kills)
    finally:
        stack.down()
    if is_as_promised:
        shutil.rmtree(data)
    else:
        print(f"not as promised; the stack's data and logs are in {data}")
    return 0 if is_as_promised else 1


def _run(stack: Stack, seconds: float, rate: int, kills: int) -> bool:
    stack.up()
    # At three times the rate, catching up takes half as long as the outage; allow twice that.
    count = int(rate * (WARM_SECONDS + seconds * 2 + 30 + kills * 20))
    with _produce(stack, count, rate) as producer:
        time.sleep(WARM_SECONDS)
        outage = _take_the_lake_away(stack, seconds, rate)
        restarts = sorted(_kill_the_host(stack) for _ in range(kills))
        is_sent = producer.wait() == 0
    sent = json.loads((stack.data / "report.json").read_text())["sent"]
    totals = wait_until_committed(stack, sent)["ingest"]["totals"]
    audit = subprocess.run(
        [sys.executable, "-m", "ops", "audit", "--stack", str(stack.file)], cwd=ROOT, check=False
    )
    median, longest = restarts[len(restarts) // 2], restarts[-1]
    print(
        f"input {rate} events/s; lake away for {outage.seconds:.0f} s, told after "
        f"{outage.told_after:.1f} s; {outage.waiting:,} events waited\n"
        f"breaker closed {outage.closed_after:.1f} s after the lake's return; caught up after "
        f"{outage.drained_after:.0f} s at {outage.drain_rate:,.0f} events/s, "
        f"{outage.drain_rate / rate:.1f} times the input\n"
        f"{kills} kills of the host: landed again {median:.1f} s after its start in the median, "
        f"{longest:.1f} s at most\n"
        f"sent {sent:,}, landed {totals['landed']:,}, quarantined {totals['quarantined']:,}, "
        f"missing {totals['missing']}, lost {totals['lost']}"
    )
    return (
        is_sent
        and audit.returncode == 0
        and totals["events"] == totals["landed"] + totals["quarantined"] == sent
        and outage.closed_after <= CLOSES_WITHIN
        and outage.drain_rate >= DRAINS_AT_LEAST * rate
        and longest <= LANDS_WITHIN
    )


def _produce(stack: Stack, count: int, rate: int) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "producer", "--stack", str(stack.file), "--seed", "4"]
    command += ["--contract", "telemetry", "--bad", "0.01", "--count", str(count)]
    command += ["--rate", str(rate), "--report", str(stack.data / "report.json")]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)


def _take_the_lake_away(stack: Stack, seconds: float, rate: int) -> Outage:
    _kill(stack, "lake")
    gone = time.monotonic()
    while get(stack, "/api/status")["outage"] is None:
        time.sleep(POLL_SECONDS)
    told = time.monotonic()
    time.sleep(max(0.0, seconds - (told - gone)))
    stack.up()
    back, waiting = time.monotonic(), _held(stack) - _committed(get(stack, "/api/status"))
    while (status := get(stack, "/api/status"))["outage"] is not None:
        time.sleep(POLL_SECONDS)
    closed, committed = time.monotonic(), _committed(status)
    while _held(stack) - (now_committed := _committed(get(stack, "/api/status"))) > 2 * rate:
        time.sleep(POLL_SECONDS)
    drained = time.monotonic()
    return Outage(
        seconds=back - gone,
        told_after=told - gone,
        waiting=waiting,
        closed_after=closed - back,
        drained_after=drained - back,
        drain_rate=(now_committed - committed) / (drained - closed),
    )


def _kill_the_host(stack: Stack) -> float:
    """Kill it under load; returns the seconds from its new start to its first landing."""
    before = _committed(get(stack, "/api/status"))
    _kill(stack, "host")
    started = time.monotonic()
    stack.up()
    # The killed host may have committed more after our first request; do not count that.
    first = max(before, _committed(get(stack, "/api/status")))
    while _committed(get(stack, "/api/status")) <= first:
        time.sleep(POLL_SECONDS)
    return time.monotonic() - started


def _kill(stack: Stack, name: str) -> None:
    process = next(part for part in stack.running() if part.name == name).process()
    if process:
        process.kill()
        psutil.wait_procs([process])


def _committed(status: Document) -> int:
    totals = status["ingest"]["totals"]
    return int(totals["landed"] + totals["quarantined"])


def _held(stack: Stack) -> int:
    """How many events the hub has taken so far, by its own count."""
    url = f"http://127.0.0.1:{stack.ports.hub_control}/hubs"
    with urllib.request.urlopen(url, timeout=10) as answer:
        hubs = json.load(answer)["hubs"]
    return sum(
        int(partition["last_enqueued_sequence_number"]) + 1
        for hub in hubs
        for partition in hub["partitions"]
    )


if __name__ == "__main__":
    sys.exit(main())
