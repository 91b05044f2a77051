from datetime import timedelta

import pytest

from shared.errors import MisconfiguredError
from shared.landing.fault_points import Fault, FaultPoint, parse_faults
from shared.settings import read_settings


def test_faults_are_read_from_one_line() -> None:
    assert parse_faults("planned:kill:20,files_written:pause=3.5:5") == (
        Fault(point=FaultPoint.PLANNED, nth=20),
        Fault(point=FaultPoint.FILES_WRITTEN, nth=5, pause=timedelta(seconds=3.5)),
    )


@pytest.mark.parametrize("text", ["planned", "nowhere:kill:1", "planned:kill:0", "planned:die:1"])
def test_a_fault_that_cannot_be_is_a_misconfiguration(text: str) -> None:
    with pytest.raises(MisconfiguredError, match=r"LANDFALL_FAULT_POINTS.*is not"):
        read_settings({"LANDFALL_FAULT_POINTS": text})
