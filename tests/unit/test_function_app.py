import json
import re
from typing import Any

import pytest

from tests.app import functions_by_name


@pytest.fixture(scope="module")
def functions() -> dict[str, Any]:
    """What the worker would tell the host."""
    return {
        name: {
            **json.loads(item.get_function_json()),
            "retry": item.get_settings_dict("retry_policy"),
        }
        for name, item in functions_by_name().items()
    }


def test_the_app_has_its_functions(functions: dict[str, Any]) -> None:
    assert set(functions) == {
        "ingest",
        "transform",
        "dropzone",
        "reconcile",
        "status",
        "batches",
        "health",
    }


def test_ingest_takes_many_binary_events_from_the_settings_hub(functions: dict[str, Any]) -> None:
    binding = functions["ingest"]["bindings"][0]

    assert (binding["type"], binding["cardinality"], binding["dataType"]) == (
        "eventHubTrigger",
        "MANY",
        "BINARY",
    )
    assert (binding["eventHubName"], binding["consumerGroup"]) == (
        "%LANDFALL_HUB%",
        "%LANDFALL_CONSUMER_GROUP%",
    )
    assert binding["connection"] == "LANDFALL_EVENTHUBS"


def test_ingest_is_tried_again_without_end_ever_more_slowly(functions: dict[str, Any]) -> None:
    assert functions["ingest"]["retry"] == {
        "setting_name": "retry_policy",
        "strategy": "exponential_backoff",
        "max_retry_count": "-1",
        "minimum_interval": "00:00:01",
        "maximum_interval": "00:00:15",
    }


def test_reconcile_ticks_by_a_setting(functions: dict[str, Any]) -> None:
    assert functions["reconcile"]["bindings"][0]["schedule"] == "%LANDFALL_RECONCILE_SCHEDULE%"


def test_transform_ticks_by_a_setting(functions: dict[str, Any]) -> None:
    assert functions["transform"]["bindings"][0]["schedule"] == "%LANDFALL_TRANSFORM_SCHEDULE%"


def test_every_blob_of_the_settings_container_comes_to_the_dropzone(
    functions: dict[str, Any],
) -> None:
    binding = functions["dropzone"]["bindings"][0]

    assert binding["type"] == "blobTrigger"
    assert binding["path"] == "%LANDFALL_DROPZONE_CONTAINER%/{path}"
    assert binding["connection"] == "LANDFALL_DROPZONE"


def test_http_routes_have_their_methods_and_keys(functions: dict[str, Any]) -> None:
    triggers = {name: functions[name]["bindings"][0] for name in ("status", "batches", "health")}

    assert {name: item["route"] for name, item in triggers.items()} == {
        "status": "status",
        "batches": "batches",
        "health": "health",
    }
    assert {str(item["authLevel"]).lower() for item in triggers.values()} == {
        "function",
        "anonymous",
    }


def test_no_binding_has_a_name_that_the_host_drops(functions: dict[str, Any]) -> None:
    names = [binding["name"] for item in functions.values() for binding in item["bindings"]]

    allowed = re.compile(r"[a-zA-Z][a-zA-Z0-9]{0,127}|\$return")
    assert [name for name in names if not allowed.fullmatch(name)] == []
