import pytest

from functions import app_service
from functions.status import batches, health, status
from tests.builders import a_batch
from tests.unit.functions.invoking import a_request, answered, call, only_line
from tests.unit.functions.memory_service import MemoryService, set_environment


def test_the_status_is_answered(service: MemoryService, caplog: pytest.LogCaptureFixture) -> None:
    service.lander.land(a_batch(0, 4))

    status_code, document = answered(call(status, a_request()))

    assert (status_code, document["ingest"]["totals"]["landed"]) == (200, 5)
    assert only_line(caplog, "status")[0] == "INFO"


def test_settings_that_are_wrong_make_the_status_failing(monkeypatch: pytest.MonkeyPatch) -> None:
    set_environment(monkeypatch, {})
    app_service.use_service(None)

    status_code, document = answered(call(status, a_request()))

    assert (status_code, document["state"]) == (200, "failing")
    assert "LANDFALL_HUB is not set" in document["reasons"][0]


def test_committed_batches_are_answered(service: MemoryService) -> None:
    service.lander.land(a_batch(0, 4))

    status_code, document = answered(call(batches, a_request(partition="0")))

    assert status_code == 200
    assert [item["batch_id"] for item in document["batches"]] == ["hub/p000/0-4"]


@pytest.mark.usefixtures("service")
def test_a_parameter_that_is_no_number_is_a_bad_request() -> None:
    status_code, document = answered(call(batches, a_request(partition="x")))

    assert status_code == 400
    assert "parameter 'partition' must be a number" in document["error"]


def test_a_ledger_that_is_down_is_no_answer_but_says_so(service: MemoryService) -> None:
    service.ledger.is_down = True

    assert answered(call(batches, a_request(partition="0"))) == (
        503,
        {"error": "the ledger is down"},
    )


def test_the_app_is_healthy_without_any_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    set_environment(monkeypatch, {})

    assert answered(call(health, a_request())) == (200, {"status": "healthy"})
