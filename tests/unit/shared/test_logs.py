import json
import logging

import pytest

from shared.logs import log_event

LOGGER = logging.getLogger("landfall.test")


def test_a_line_is_one_json_object_with_its_event_and_its_fields(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "landfall.test")

    log_event(LOGGER, logging.INFO, "batch_landed", landed=5, path=LOGGER.name)

    (record,) = caplog.records
    assert record.levelname == "INFO"
    assert json.loads(record.getMessage()) == {
        "event": "batch_landed",
        "landed": 5,
        "path": "landfall.test",
    }


def test_a_field_may_be_called_as_a_parameter_is(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "landfall.test")

    log_event(LOGGER, logging.INFO, "core_chosen", name="native", level=1)

    line = json.loads(caplog.messages[0])
    assert line == {"event": "core_chosen", "name": "native", "level": 1}
