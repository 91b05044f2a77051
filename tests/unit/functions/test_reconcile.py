import azure.functions as func
import pytest

from functions.reconcile import reconcile
from tests.builders import a_batch, an_address
from tests.unit.functions.invoking import call, only_line
from tests.unit.functions.memory_service import MemoryService


class Timer(func.TimerRequest):
    past_due = True


def test_a_tick_with_nothing_to_do_is_one_quiet_line(
    service: MemoryService, caplog: pytest.LogCaptureFixture
) -> None:
    call(reconcile, Timer())

    level, line = only_line(caplog, "reconcile")
    assert (level, line["event"], line["invocation_id"]) == (
        "INFO",
        "partitions_reconciled",
        "i-1",
    )
    assert (line["past_due"], line["heads_made"], line["partitions"]) == (True, ["0"], [])
    assert list(service.ledger.heads) == [an_address("0")]


def test_a_partition_that_needed_something_is_a_warning(
    service: MemoryService, caplog: pytest.LogCaptureFixture
) -> None:
    service.hub.hold("0", *a_batch(0, 9).events)
    service.lander.land(a_batch(5, 9))

    call(reconcile, Timer())

    level, line = only_line(caplog, "reconcile")
    assert level == "WARNING"
    assert line["partitions"] == [{"partition_id": "0", "replayed": 5, "lost": 0, "problem": ""}]
