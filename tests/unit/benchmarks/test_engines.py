"""What an engine's process says that it took."""

import subprocess
import sys

from benchmarks.engines.__main__ import cpu_seconds


def test_even_the_least_work_takes_some_time_of_the_cpu() -> None:
    before = cpu_seconds()

    sum(range(1_000))

    assert cpu_seconds() > before


def test_what_a_process_below_took_stays_counted_when_it_has_ended() -> None:
    before = cpu_seconds()

    code = "import time\nwhile time.process_time() < 0.2: pass"
    subprocess.run([sys.executable, "-c", code], check=True)

    assert cpu_seconds() - before >= 0.15
