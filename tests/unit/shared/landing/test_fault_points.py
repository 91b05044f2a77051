import subprocess
import sys
from datetime import timedelta

import pytest

from shared.adapters import process_faults
from shared.adapters.process_faults import ProcessFaults
from shared.errors import MisconfiguredError
from shared.landing.fault_points import Fault, FaultPoint, parse_faults
from shared.settings import read_settings

KILLED_AT_THE_THIRD = """
from shared.adapters.process_faults import ProcessFaults
from shared.landing.fault_points import FaultPoint, parse_faults

reach = ProcessFaults(parse_faults("planned:kill:3"))
for _ in range(5):
    reach(FaultPoint.COMMITTED)
    reach(FaultPoint.PLANNED)
    print("reached", flush=True)
"""


def test_faults_are_read_from_one_line() -> None:
    assert parse_faults("planned:kill:20,files_written:pause=3.5:5") == (
        Fault(point=FaultPoint.PLANNED, nth=20),
        Fault(point=FaultPoint.FILES_WRITTEN, nth=5, pause=timedelta(seconds=3.5)),
    )


@pytest.mark.parametrize("text", ["planned", "nowhere:kill:1", "planned:kill:0", "planned:die:1"])
def test_a_fault_that_cannot_be_is_a_misconfiguration(text: str) -> None:
    with pytest.raises(MisconfiguredError, match=r"LANDFALL_FAULT_POINTS.*is not"):
        read_settings({"LANDFALL_FAULT_POINTS": text})


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
