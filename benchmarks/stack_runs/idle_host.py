"""The same host with a function that does nothing: it receives, hands over and checkpoints."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psutil

from benchmarks.stack_runs.watching import Pace, rate, watch
from local.parts import ROOT
from local.stack import Stack

APP = ROOT / "benchmarks" / "stack_runs" / "idle_app"
HOST = "host"


def handle_idly(stack: Stack, count: int) -> Pace:
    """Let a host hand over all of the hub's events, in a group with its own checkpoints."""
    counts = stack.data / "idle-counts"
    counts.touch()
    with _running_host(stack, counts) as host:
        cpu = watch(partial(_handled, host, counts), count, partial(_cpu_seconds, host.pid))
    lines = map(str.split, counts.read_text().splitlines())
    return Pace(rate=rate([(float(at), int(size)) for at, size in lines]), cpu=cpu[HOST])


def _handled(host: subprocess.Popen[bytes], counts: Path) -> int:
    if host.poll() is not None:
        message = f"the idle host ended with {host.returncode}"
        raise RuntimeError(message)
    return sum(int(line.split()[1]) for line in counts.read_text().splitlines())


@contextmanager
def _running_host(stack: Stack, counts: Path) -> Iterator[subprocess.Popen[bytes]]:
    settings = json.loads(stack.file.read_text())["settings"]
    own = {
        "LANDFALL_CONSUMER_GROUP": settings["LANDFALL_REPLAY_CONSUMER_GROUP"],
        "LANDFALL_IDLE_COUNTS": str(counts),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "local.host", "--app", str(APP)]
    with (stack.data / "logs" / "idle.log").open("wb") as log:
        host = subprocess.Popen(
            [*command, "--port", str(stack.ports.host)],
            # Start here, because the host removes its start folder from the import path.
            cwd=APP,
            env=os.environ | settings | own,
            stdout=log,
            stderr=log,
        )
    try:
        yield host
    finally:
        host.terminate()
        host.wait()


def _cpu_seconds(pid: int) -> dict[str, float]:
    times = psutil.Process(pid).cpu_times()
    return {HOST: float(times.user + times.system)}
