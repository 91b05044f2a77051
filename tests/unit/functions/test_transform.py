import azure.functions as func
import pytest

from functions.transform import transform
from tests.builders import a_batch
from tests.unit.functions.invoking import call, only_line
from tests.unit.functions.memory_service import MemoryService


class Timer(func.TimerRequest):
    past_due = False


@pytest.mark.usefixtures("service")
def test_without_a_workspace_a_tick_says_why_nothing_is_submitted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    call(transform, Timer())

    level, line = only_line(caplog, "transform")
    assert (level, line["event"]) == ("WARNING", "transform_ticked")
    assert (line["submitted"], line["past_due"]) == (0, False)
    assert line["problem"] == "no Databricks workspace is set"


def test_a_tick_that_submits_is_one_quiet_line(
    service: MemoryService, caplog: pytest.LogCaptureFixture
) -> None:
    service.give_a_workspace()
    service.lander.land(a_batch(0, 4))

    call(transform, Timer())

    level, line = only_line(caplog, "transform")
    assert (level, line["windows"], line["submitted"], line["problem"]) == ("INFO", 1, 1, "")
