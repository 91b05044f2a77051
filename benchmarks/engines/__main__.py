"""Run one engine over a file of JSON lines, and write down what it took.

`python -m benchmarks.engines NAME SOURCE TARGET REPORT`. CPU is that of the process and of all
that it started, a JVM say; the start is told apart, since who runs for hours does not mind it.
The report says when the work began: how long the start took, only who started us knows.
"""

import json
import sys
import time
from importlib import import_module
from pathlib import Path

import psutil


def main(name: str, source: Path, target: Path, report: Path) -> None:
    """Run the engine."""
    work = import_module(f"benchmarks.engines.{name}").prepare(source, target)
    start_cpu, began_at = cpu_seconds(), time.time()
    work()
    ended, all_cpu = time.time(), cpu_seconds()
    seen = {
        "began_at": began_at,
        "start_cpu": start_cpu,
        "wall": ended - began_at,
        "cpu": all_cpu - start_cpu,
    }
    report.write_text(json.dumps(seen))


def cpu_seconds() -> float:
    """Of this process and all below it; those that have ended are in their parents' sums."""
    process = psutil.Process()
    ended = process.cpu_times()
    below = [member.cpu_times() for member in process.children(recursive=True)]
    # The kernel's sums of a process count in hundredths of a second: few events take none.
    return time.process_time() + float(
        ended.children_user
        + ended.children_system
        + sum(t.user + t.system + t.children_user + t.children_system for t in below)
    )


if __name__ == "__main__":
    main(sys.argv[1], *map(Path, sys.argv[2:5]))
