from collections.abc import Sequence

import azure.functions as func
import pytest

from functions.handover import BINDING
from functions.ingest import ingest
from local.host.indexing import find_converter
from shared.errors import DependencyUnavailableError
from tests.handed_batches import make_datums
from tests.unit.functions.invoking import call, only_line
from tests.unit.functions.memory_service import MemoryService

HUB = {"EventHubName": "hub", "PartitionId": "0"}


def handed(*bodies: bytes) -> Sequence[func.EventHubEvent]:
    """The events of partition 0 from number 0 on, as the worker hands them over."""
    events = [
        (body, {}, {"SequenceNumber": number, "EnqueuedTimeUtc": f"2026-01-01T00:00:0{number}"})
        for number, body in enumerate(bodies)
    ]
    data, metadata = make_datums(events, HUB)
    return find_converter(BINDING).decode(data, trigger_metadata=metadata)


def test_a_batch_that_lands_ends_in_one_line_that_says_which_and_how(
    service: MemoryService, caplog: pytest.LogCaptureFixture
) -> None:
    call(ingest, handed(b'{"id": 0}', b'{"id": 1}'))

    level, line = only_line(caplog, "ingest")
    assert (level, line["event"], line["invocation_id"]) == ("INFO", "batch_landed", "i-1")
    assert (line["hub"], line["partition_id"], line["first"], line["last"]) == ("hub", "0", 0, 1)
    assert (line["batch_id"], line["landed"], line["duplicates"]) == ("hub/p000/0-1", 2, 0)
    assert [batch.batch_id for batch in service.ledger.batches] == ["hub/p000/0-1"]


def test_what_is_quarantined_is_a_warning_without_any_body(
    service: MemoryService, caplog: pytest.LogCaptureFixture
) -> None:
    call(ingest, handed(b'{"id": 0}', b"a secret body"))

    level, line = only_line(caplog, "ingest")
    assert (level, line["landed"], line["quarantined"]) == ("WARNING", 1, 1)
    assert line["reasons"] == {"invalid_json": 1}
    assert "secret" not in str(line)
    assert len(service.lake.files) == 2


def test_a_failure_is_a_warning_with_its_reason_and_is_raised_for_the_host_to_retry(
    service: MemoryService, caplog: pytest.LogCaptureFixture
) -> None:
    service.lake.is_down = True

    with pytest.raises(DependencyUnavailableError, match="the lake is down"):
        call(ingest, handed(b'{"id": 0}'))

    level, line = only_line(caplog, "ingest")
    assert (level, line["event"], line["error"]) == (
        "WARNING",
        "ingest_failed",
        "the lake is down",
    )
    assert (line["hub"], line["partition_id"], line["first"], line["last"]) == ("hub", "0", 0, 0)
