"""The app under Microsoft's own worker library, in an environment of its own."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import fastavro
import pytest

from local.stack import Stack
from tests.integration.worker_calls import (
    BODIES,
    Document,
    blob_call,
    call,
    http_call,
    ingest_call,
)
from tests.integration.worker_run import FELL_BACK, TRIGGER, deploy, run_worker, settings_of


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the worker told the host, and what stands in the lake after that."""

    app: Path
    deployed: Path
    functions: Mapping[str, Document]
    logs: Sequence[Document]
    reconciled: Document
    landed: Document
    landed_again: Document
    refused: Document
    transformed: Document
    dropped: Document
    health: Document
    status: Document
    batches: Document
    lake: Path

    def records(self, contract: str | None) -> list[Document]:
        """What the committed files hold that are of a contract, or of none: the quarantine's."""
        (batch,) = self.batches["body"]["batches"]
        (path,) = [file["path"] for file in batch["files"] if file["contract"] == contract]
        with (self.lake / path).open("rb") as file:
            return list(fastavro.reader(file))


@pytest.fixture(scope="module")
def told(worker_python: str, services: Stack, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """One worker's life: nothing but what is deployed, and a ledger of its own."""
    settings = settings_of(services, table="workerlibrary")
    app = deploy(tmp_path_factory.mktemp("deployed"))
    calls = [
        call("reconcile", ["json", json.dumps({"IsPastDue": True})]),
        ingest_call(range(4)),
        ingest_call(range(4)),
        ingest_call([5, 4]),
        call("transform", ["json", json.dumps({"IsPastDue": False})]),
        blob_call("nobody/a.csv", b"id\n1\n"),
        http_call("health"),
        http_call("status"),
        http_call("batches", partition="0"),
    ]
    answer = run_worker(worker_python, app, settings, calls)
    names = (
        "reconciled",
        "landed",
        "landed_again",
        "refused",
        "transformed",
        "dropped",
        "health",
        "status",
        "batches",
    )
    return Told(
        app=Path(answer["app"]),
        deployed=app,
        functions={item["name"]: item for item in answer["functions"]},
        logs=answer["logs"],
        lake=services.data / "lake" / settings["LANDFALL_LAKE_FILESYSTEM"],
        **dict(zip(names, answer["answers"], strict=True)),
    )


def route(told: Told, name: str) -> Document:
    """An HTTP function's trigger, less what all of them have alike."""
    trigger, response = told.functions[name]["raw_bindings"]
    assert (trigger["direction"], trigger["type"], trigger["name"]) == ("IN", "httpTrigger", "req")
    assert response == {"direction": "OUT", "type": "http", "name": "$return"}
    return {key: trigger[key] for key in ("route", "methods", "authLevel")}


def test_the_worker_finds_exactly_the_functions_of_the_deployed_app(told: Told) -> None:
    assert sorted(told.functions) == [
        "batches",
        "dropzone",
        "health",
        "ingest",
        "reconcile",
        "status",
        "transform",
    ]
    assert told.app == told.deployed / "function_app.py"
    assert {item["script_file"] for item in told.functions.values()} == {"function_app.py"}
    assert {item["language"] for item in told.functions.values()} == {"python"}


def test_the_worker_reports_ingests_binding_as_many_binary_events(told: Told) -> None:
    assert told.functions["ingest"]["raw_bindings"] == [TRIGGER]


def test_the_worker_finds_our_converter_by_a_name_that_the_host_does_not_read(told: Told) -> None:
    assert told.functions["ingest"]["bindings"] == {
        "events": {"type": "landfallEventHubTrigger", "data_type": 2, "direction": 0}
    }
    assert [line for line in told.logs if line["event"] == FELL_BACK] == []


def test_the_worker_reports_that_ingest_alone_is_retried_and_without_end(told: Told) -> None:
    assert told.functions["ingest"]["retry"] == {
        "max_retry_count": -1,
        "retry_strategy": "exponential_backoff",
        "minimum_interval": 1.0,
        "maximum_interval": 15.0,
    }
    assert [name for name, item in told.functions.items() if item["retry"]] == ["ingest"]


def test_the_worker_reports_reconciles_schedule_as_a_setting(told: Told) -> None:
    (binding,) = told.functions["reconcile"]["raw_bindings"]

    assert (binding["type"], binding["name"]) == ("timerTrigger", "timer")
    assert binding["schedule"] == "%LANDFALL_RECONCILE_SCHEDULE%"


def test_the_worker_reports_each_route_with_its_method_and_key(told: Told) -> None:
    expected = {"methods": ["GET"], "authLevel": "FUNCTION"}
    assert route(told, "status") == {"route": "status", **expected}
    assert route(told, "batches") == {"route": "batches", **expected}
    assert route(told, "health") == {"route": "health", **expected, "authLevel": "ANONYMOUS"}


def test_a_tick_that_the_worker_hands_to_reconcile_makes_the_missing_head(told: Told) -> None:
    (line,) = [line for line in told.logs if line["event"] == "partitions_reconciled"]

    assert told.reconciled == {}
    assert (line["heads_made"], line["past_due"]) == (["0"], True)
    assert line["invocation_id"] == "invocation of reconcile"


def test_a_batch_that_the_worker_hands_to_ingest_is_landed_or_quarantined(told: Told) -> None:
    assert told.landed == {}
    (landed,) = told.records("telemetry/1")
    assert (landed["device_id"], landed["_landfall"]["sequence_number"]) == ("device-1", 0)
    assert [(record["reason"], record["body"]) for record in told.records(None)] == [
        ("invalid_utf8", BODIES[1]),
        ("empty_body", BODIES[2]),
        ("missing_field", BODIES[3]),
    ]


def test_a_batch_that_the_worker_hands_over_twice_is_committed_once(told: Told) -> None:
    totals = told.status["body"]["ingest"]["totals"]

    assert told.landed_again == {}
    assert totals == {
        "events": 4,
        "landed": 1,
        "quarantined": 3,
        "duplicates": 4,
        "missing": 0,
        "lost": 0,
        "unacknowledged": 0,
    }


def test_what_ingest_raises_reaches_the_host_as_a_failure_to_retry(told: Told) -> None:
    assert "sequence numbers do not increase" in told.refused["failure"]


def test_a_tick_that_the_worker_hands_to_transform_sees_what_is_pending(told: Told) -> None:
    (line,) = [line for line in told.logs if line["event"] == "transform_ticked"]

    assert told.transformed == {}
    assert (line["windows"], line["past_due"]) == (0, False)
    assert told.status["body"]["transform"]["pending_batches"] == 1


def test_a_blob_that_the_worker_hands_to_dropzone_is_named_by_its_path(told: Told) -> None:
    (entry,) = told.status["body"]["dropzone"]

    assert told.dropped == {}
    assert (entry["path"], entry["state"]) == ("nobody/a.csv", "failed")


def test_the_http_functions_answer_through_the_worker(told: Told) -> None:
    (batch,) = told.batches["body"]["batches"]

    assert told.health == {"status": "200", "body": {"status": "healthy"}}
    assert (told.status["status"], told.batches["status"]) == ("200", "200")
    assert (batch["first"], batch["last"]) == (0, 3)
    assert batch["quarantined"] == 3
