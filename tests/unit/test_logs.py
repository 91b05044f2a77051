import json
import logging

import pytest
from shared.landing.ingestion import ingest_batch

from shared.errors import DependencyUnavailableError
from shared.landing.lander import Lander
from shared.logs import log_event
from tests.builders import a_batch, a_batch_of, an_event
from tests.landers import a_lander
from tests.memory import MemoryLake, MemoryLedger

LOGGER = logging.getLogger("landfall.test")


@pytest.fixture
def lake() -> MemoryLake:
    return MemoryLake()


@pytest.fixture
def lander(lake: MemoryLake) -> Lander:
    return a_lander(lake, MemoryLedger())


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "landfall.test")
    return caplog


def only(logged: pytest.LogCaptureFixture) -> tuple[str, dict[str, object]]:
    (record,) = logged.records
    return record.levelname, json.loads(record.getMessage())


def test_an_invocation_ends_in_one_line_that_states_its_outcome(
    lander: Lander, logged: pytest.LogCaptureFixture
) -> None:
    ingest_batch(lander, a_batch(0, 4), LOGGER, "invocation-1")

    level, line = only(logged)
    assert (level, line["event"], line["invocation_id"]) == ("INFO", "batch_landed", "invocation-1")
    assert (line["hub"], line["partition_id"], line["first"], line["last"]) == ("hub", "0", 0, 4)
    assert (line["batch_id"], line["landed"], line["duplicates"]) == ("hub/p000/0-4", 5, 0)


def test_what_is_quarantined_is_a_warning_without_any_body(
    lander: Lander, logged: pytest.LogCaptureFixture
) -> None:
    ingest_batch(lander, a_batch_of(an_event(0, b"a secret body")), LOGGER, "i")

    level, line = only(logged)
    assert (level, line["quarantined"], line["reasons"]) == ("WARNING", 1, {"invalid_json": 1})
    assert "secret" not in json.dumps(line)


def test_a_failure_is_a_warning_with_its_reason_and_is_raised(
    lander: Lander, lake: MemoryLake, logged: pytest.LogCaptureFixture
) -> None:
    lake.is_down = True

    with pytest.raises(DependencyUnavailableError):
        ingest_batch(lander, a_batch(0, 4), LOGGER, "i")

    level, line = only(logged)
    assert (level, line["event"], line["error"]) == (
        "WARNING",
        "landing_failed",
        "the lake is down",
    )


def test_a_field_may_be_called_as_a_parameter_is(logged: pytest.LogCaptureFixture) -> None:
    log_event(LOGGER, logging.INFO, "core_chosen", name="native", level=1)

    assert json.loads(logged.messages[0]) == {"event": "core_chosen", "name": "native", "level": 1}
