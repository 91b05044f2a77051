import subprocess
import sys

import pytest

from shared.adapters import process_faults
from shared.adapters.process_faults import ProcessFaults
from shared.landing.fault_points import FaultPoint, parse_faults

KILLED_AT_THE_THIRD = """
from shared.adapters.process_faults import ProcessFaults
from shared.landing.fault_points import FaultPoint, parse_faults

reach = ProcessFaults(parse_faults("planned:kill:3"))
for _ in range(5):
    reach(FaultPoint.COMMITTED)
    reach(FaultPoint.PLANNED)
    print("reached", flush=True)
"""


def test_a_process_is_killed_at_the_nth_time_and_not_before() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", KILLED_AT_THE_THIRD], capture_output=True, text=True, check=False
    )

    assert (ended.returncode, ended.stdout.split()) == (-9, ["reached", "reached"])


def test_a_pause_holds_each_nth_time_up(monkeypatch: pytest.MonkeyPatch) -> None:
    paused: list[float] = []
    monkeypatch.setattr(process_faults.time, "sleep", paused.append)
    reach = ProcessFaults(parse_faults("planned:pause=3:2"))

    for _ in range(5):
        reach(FaultPoint.PLANNED)
        reach(FaultPoint.STATE_READ)

    assert paused == [3.0, 3.0]
