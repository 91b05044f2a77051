"""host.json against the sections of the public schema that it uses.

Written from SchemaStore's src/schemas/json/host.json: its names, types and patterns; like that
one, it refuses unknown keys.
"""

import copy
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from local.host.host_json import read_host_json
from tests.root import ROOT

HOST_JSON: dict[str, Any] = json.loads((ROOT / "host.json").read_text())
TIMESPAN = {"type": "string", "pattern": r"^(-1|(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)$"}
COUNT = {"type": "integer", "minimum": 1}


def an_object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False}


SCHEMA = an_object(
    version={"const": "2.0"},
    functionTimeout=TIMESPAN,
    logging=an_object(logLevel={"type": "object", "additionalProperties": {"type": "string"}}),
    extensionBundle=an_object(
        id={"type": "string"},
        version={"type": "string", "pattern": r"^[\[(][0-9.*]+, ?[0-9.*]+[\])]$"},
    ),
    extensions=an_object(
        eventHubs=an_object(
            maxEventBatchSize=COUNT,
            minEventBatchSize=COUNT,
            maxWaitTime=TIMESPAN,
            prefetchCount=COUNT,
            batchCheckpointFrequency=COUNT,
            initialOffsetOptions=an_object(
                type={"enum": ["fromStart", "fromEnd", "fromEnqueuedTime"]},
                enqueuedTimeUtc={"type": "string"},
            ),
        )
    ),
)


def test_host_json_is_valid() -> None:
    Draft202012Validator(SCHEMA).validate(HOST_JSON)


def test_an_unknown_key_would_be_refused() -> None:
    broken = copy.deepcopy(HOST_JSON)
    broken["extensions"]["eventHubs"]["maxBatchSize"] = 1

    with pytest.raises(ValidationError, match="maxBatchSize"):
        Draft202012Validator(SCHEMA).validate(broken)


def test_batches_are_large_and_wait_a_little_to_become_so() -> None:
    event_hubs = HOST_JSON["extensions"]["eventHubs"]

    assert event_hubs["maxEventBatchSize"] >= 1000
    assert 1 < event_hubs["minEventBatchSize"] <= event_hubs["maxEventBatchSize"]
    assert event_hubs["prefetchCount"] >= event_hubs["maxEventBatchSize"]


def test_an_app_setting_stands_before_a_value_of_host_json(tmp_path: Path) -> None:
    (tmp_path / "host.json").write_text(json.dumps(HOST_JSON))
    section = "AzureFunctionsJobHost__extensions__eventHubs__"

    config = read_host_json(
        tmp_path,
        {
            f"{section}minEventBatchSize": "700",
            f"{section}loadBalancingUpdateInterval": "00:00:01",
            "LANDFALL_HUB": "events",
        },
    )

    assert config.event_hubs.min_event_batch_size == 700
    assert config.event_hubs.load_balancing_interval == timedelta(seconds=1)
    assert config.event_hubs.max_event_batch_size == 2000
