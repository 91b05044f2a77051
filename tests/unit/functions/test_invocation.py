import logging

import pytest

from functions.invocation import answer_json, invocation
from shared.errors import (
    BadRequestError,
    DependencyUnavailableError,
    LakeConflictError,
    LandfallError,
    MisconfiguredError,
    UnreadableFormatError,
)
from shared.logs import Outcome
from tests.unit.functions.invoking import HostContext, answered, lines_of, only_line

CONTEXT = HostContext(invocation_id="i-7")
DONE = Outcome(event="batch_landed", fields={"landed": 5})


def failed(error: Exception) -> None:
    """Run an invocation that knows its partition and its outcome, and then fails."""
    with invocation("ingest", CONTEXT) as running:
        running.add_ids(partition_id="3")
        running.end(DONE)
        raise error


def test_an_invocation_ends_in_one_line_with_its_ids_and_its_outcome(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with invocation("ingest", CONTEXT) as running:
        running.add_ids(hub="events", partition_id="3")
        running.end(DONE)

    assert only_line(caplog, "ingest") == (
        "INFO",
        {
            "event": "batch_landed",
            "invocation_id": "i-7",
            "hub": "events",
            "partition_id": "3",
            "landed": 5,
        },
    )


def test_an_outcome_says_how_loud_its_line_is(caplog: pytest.LogCaptureFixture) -> None:
    with invocation("ingest", CONTEXT) as running:
        running.end(Outcome(event="batch_landed", level=logging.WARNING))

    assert only_line(caplog, "ingest")[0] == "WARNING"


def test_an_invocation_that_says_no_outcome_still_has_its_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with invocation("ingest", CONTEXT):
        pass

    assert only_line(caplog, "ingest") == (
        "INFO",
        {"event": "ingest_ended", "invocation_id": "i-7"},
    )


def test_a_line_before_the_end_has_the_ids_too(caplog: pytest.LogCaptureFixture) -> None:
    with invocation("dropzone", CONTEXT) as running:
        running.add_ids(path="simple/a.csv")
        running.log(Outcome(event="upload_waited", level=logging.WARNING, fields={"seconds": 1}))

    waited, ended = lines_of(caplog, "dropzone")
    assert waited == (
        "WARNING",
        {
            "event": "upload_waited",
            "invocation_id": "i-7",
            "path": "simple/a.csv",
            "seconds": 1,
        },
    )
    assert ended[1]["event"] == "dropzone_ended"


def test_a_dependency_that_is_down_is_a_warning_and_is_raised_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    error = DependencyUnavailableError("the lake is down", hint="the host tries again")

    with pytest.raises(DependencyUnavailableError) as raised:
        failed(error)

    assert raised.value is error
    assert only_line(caplog, "ingest") == (
        "WARNING",
        {
            "event": "ingest_failed",
            "invocation_id": "i-7",
            "partition_id": "3",
            "error": "the lake is down (the host tries again)",
        },
    )


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (LakeConflictError("x.avro holds other bytes"), "x.avro holds other bytes"),
        (MisconfiguredError("LANDFALL_HUB is not set"), "LANDFALL_HUB is not set"),
        (UnreadableFormatError("it has format 2"), "it has format 2"),
        (KeyError("hub"), "KeyError('hub')"),
        (ValueError(""), "ValueError('')"),
    ],
)
def test_any_other_error_needs_a_person_and_is_raised_again(
    error: Exception, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(type(error)) as raised:
        failed(error)

    level, line = only_line(caplog, "ingest")
    assert raised.value is error
    assert (level, line["event"], line["error"]) == ("ERROR", "ingest_failed", told)
    assert (line["invocation_id"], line["partition_id"]) == ("i-7", "3")


def test_a_document_is_answered_as_json(caplog: pytest.LogCaptureFixture) -> None:
    response = answer_json("status", CONTEXT, lambda: {"state": "ok"})

    assert answered(response) == (200, {"state": "ok"})
    assert response.mimetype == "application/json"
    assert only_line(caplog, "status") == (
        "INFO",
        {"event": "request_answered", "invocation_id": "i-7", "status_code": 200},
    )


def test_a_bad_parameter_is_answered_with_its_problem_and_needs_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def make() -> dict[str, object]:
        message = "parameter 'from' must be a number"
        raise BadRequestError(message)

    response = answer_json("batches", CONTEXT, make)

    assert answered(response) == (400, {"error": "parameter 'from' must be a number"})
    level, line = only_line(caplog, "batches")
    assert (level, line["status_code"]) == ("INFO", 400)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (DependencyUnavailableError("it is down"), "WARNING"),
        (MisconfiguredError("it is not set"), "ERROR"),
        (UnreadableFormatError("it is newer"), "ERROR"),
    ],
)
def test_a_service_that_cannot_answer_says_so_with_its_problem(
    error: LandfallError, expected: str, caplog: pytest.LogCaptureFixture
) -> None:
    def make() -> dict[str, object]:
        raise error

    response = answer_json("batches", CONTEXT, make)

    assert answered(response) == (503, {"error": str(error)})
    level, line = only_line(caplog, "batches")
    assert (level, line["status_code"], line["invocation_id"]) == (expected, 503, "i-7")


def test_an_answer_that_fails_otherwise_is_an_error_for_the_host(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        answer_json("status", CONTEXT, lambda: {"state": int("nonsense")})

    level, line = only_line(caplog, "status")
    assert (level, line["event"]) == ("ERROR", "status_failed")
