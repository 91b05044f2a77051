"""Run one engine over a file of JSON lines, and write down what it cost.

`python -m benchmarks.engines NAME SOURCE TARGET REPORT`. CPU time includes child processes, such as
a JVM. The start is reported separately, because it does not matter to a job that runs for hours.
The report says when the work began; only our parent process knows how long the start took.
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
    """CPU time of this process and its descendants; a parent's sum includes its ended children."""
    process = psutil.Process()
    ended = process.cpu_times()
    below = [member.cpu_times() for member in process.children(recursive=True)]
    # The kernel counts a process in hundredths of a second: too coarse for few events.
    return time.process_time() + float(
        ended.children_user
        + ended.children_system
        + sum(t.user + t.system + t.children_user + t.children_system for t in below)
    )


if __name__ == "__main__":
    main(sys.argv[1], *map(Path, sys.argv[2:5]))
