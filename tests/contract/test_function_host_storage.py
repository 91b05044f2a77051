"""Timers and blobs of the local function host, over a real Azurite."""

import base64
import contextlib
import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import ResourceExistsError
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueServiceClient

from tests.contract.azurite_fixture import AzuriteEndpoints
from tests.contract.host_fixture import run_host, write_app


@pytest.fixture
def blobs(azurite: AzuriteEndpoints) -> Iterator[BlobServiceClient]:
    with BlobServiceClient.from_connection_string(azurite.connection_string) as service:
        yield service


@pytest.fixture
def host_id() -> str:
    """Name the test's hosts, which keep all that they keep below this name."""
    return uuid.uuid4().hex


@pytest.fixture
def settings(azurite: AzuriteEndpoints, host_id: str) -> dict[str, str]:
    return {
        "AzureWebJobsStorage": azurite.connection_string,
        "AzureFunctionsWebHost__hostid": host_id,
        "TICK_SCHEDULE": "0 0 0 1 1 *",
    }


TICK = """
@app.timer_trigger(arg_name="timer", schedule="%TICK_SCHEDULE%", run_on_startup=False)
def tick(timer: func.TimerRequest) -> None:
    note({"past_due": timer.past_due, "status": timer.schedule_status})
"""


def status_blob(host_id: str) -> str:
    return f"timers/{host_id}/Host.Functions.tick/status"


def write_status(
    blobs: BlobServiceClient, host_id: str, *, last: datetime, following: datetime
) -> None:
    container = blobs.get_container_client("azure-webjobs-hosts")
    with contextlib.suppress(ResourceExistsError):
        container.create_container()
    status = {
        "Last": last.isoformat(),
        "Next": following.isoformat(),
        "LastUpdated": last.isoformat(),
    }
    container.upload_blob(status_blob(host_id), json.dumps(status).encode())


def read_status(blobs: BlobServiceClient, host_id: str) -> dict[str, Any]:
    blob = blobs.get_blob_client("azure-webjobs-hosts", status_blob(host_id))
    status: dict[str, Any] = json.loads(blob.download_blob().readall())
    return status


def test_a_missed_tick_gives_one_run_at_once_with_past_due(
    tmp_path: Path, blobs: BlobServiceClient, host_id: str, settings: dict[str, str]
) -> None:
    year = datetime.now(UTC).year
    missed = datetime(year, 1, 1, tzinfo=UTC)
    write_status(blobs, host_id, last=datetime(year - 1, 1, 1, tzinfo=UTC), following=missed)
    app = write_app(tmp_path / "app", TICK)

    with run_host(app, settings=settings) as host:
        (run,) = host.wait_for_notes(1)
        moved = host.wait_until(
            lambda: s if (s := read_status(blobs, host_id))["Next"] != missed.isoformat() else None
        )

    assert run["past_due"] is True
    assert run["status"]["Next"] == missed.isoformat()
    assert moved["Next"] == datetime(year + 1, 1, 1, tzinfo=UTC).isoformat()


def test_a_new_timer_is_not_past_due_and_its_status_is_written(
    tmp_path: Path, blobs: BlobServiceClient, host_id: str, settings: dict[str, str]
) -> None:
    app = write_app(tmp_path / "app", TICK)

    with run_host(app, settings=settings) as host:
        host.wait_until(blobs.get_blob_client("azure-webjobs-hosts", status_blob(host_id)).exists)
        answer = host.request("/admin/functions/tick", method="POST", body=b"{}")
        (run,) = host.wait_for_notes(1)
        code = host.terminate()

    assert answer.status == 202
    assert run["past_due"] is False
    assert run["status"]["Last"].startswith("0001-01-01T00:00:00")
    assert code == 0


def test_a_failing_timer_is_retried_and_then_ticks_again(
    tmp_path: Path, settings: dict[str, str]
) -> None:
    code = """
    @app.timer_trigger(arg_name="timer", schedule="%TICK_SCHEDULE%")
    @app.retry(strategy="fixed_delay", max_retry_count="1", delay_interval="00:00:00")
    async def tick(timer: func.TimerRequest, context: func.Context) -> None:
        note([context.retry_context.retry_count, context.retry_context.max_retry_count])
        raise RuntimeError("always")
    """
    app = write_app(tmp_path / "app", code)

    with run_host(app, settings={**settings, "TICK_SCHEDULE": "* * * * * *"}) as host:
        runs = host.wait_for_notes(4)

    assert runs[:4] == [[0, 1], [1, 1], [0, 1], [1, 1]]


BLOB = """
@app.blob_trigger(arg_name="blob", path="%DROP%/{name}.csv", connection="AzureWebJobsStorage")
def take(blob: func.InputStream) -> None:
    body = blob.read()
    note({"name": blob.name, "uri": blob.uri, "length": blob.length, "body": body.decode(),
          "metadata": blob.metadata})
    if body == b"bad":
        raise ValueError("bad blob")
"""


def test_a_blob_is_given_once_and_its_receipt_outlives_the_host(
    tmp_path: Path, blobs: BlobServiceClient, host_id: str, settings: dict[str, str]
) -> None:
    drop = blobs.create_container("drop")
    drop.upload_blob("in/one.csv", b"1,2", metadata={"source": "x"})
    drop.upload_blob("in/one.txt", b"not meant")
    app = write_app(tmp_path / "app", BLOB)
    settings["DROP"] = "drop"
    arguments = ("--blob-scan-seconds", "0.2")

    with run_host(app, settings=settings, arguments=arguments) as host:
        (first,) = host.wait_for_notes(1)
        assert host.terminate() == 0
    drop.upload_blob("two.csv", b"3")
    with run_host(app, settings=settings, arguments=arguments) as host:
        both = host.wait_for_notes(2)

    receipts = blobs.get_container_client("azure-webjobs-hosts").list_blob_names(
        name_starts_with="blobreceipts/"
    )
    etag = drop.get_blob_client("in/one.csv").get_blob_properties().etag
    quoted = etag if etag.startswith('"') else f'"{etag}"'
    assert first == {
        "name": "drop/in/one.csv",
        "uri": drop.get_blob_client("in/one.csv").url,
        "length": 3,
        "body": "1,2",
        "metadata": {"source": "x"},
    }
    assert [run["name"] for run in both] == ["drop/in/one.csv", "drop/two.csv"]
    assert f"blobreceipts/{host_id}/Host.Functions.take/{quoted}/drop/in/one.csv" in receipts


def test_a_blob_that_fails_five_times_becomes_a_poison_message(
    tmp_path: Path,
    azurite: AzuriteEndpoints,
    blobs: BlobServiceClient,
    settings: dict[str, str],
) -> None:
    blobs.create_container("drop2").upload_blob("bad.csv", b"bad")
    app = write_app(tmp_path / "app", BLOB)
    settings["DROP"] = "drop2"
    queues = QueueServiceClient.from_connection_string(azurite.connection_string)

    with run_host(app, settings=settings, arguments=("--blob-scan-seconds", "0.2")) as host:
        host.wait_for_log("a message goes to queue")
        blobs.get_container_client("drop2").upload_blob("good.csv", b"good")
        runs = host.wait_for_notes(6)
        with queues, queues.get_queue_client("webjobs-blobtrigger-poison") as queue:
            (message,) = [json.loads(base64.b64decode(m.content)) for m in queue.peek_messages()]

    assert [run["body"] for run in runs] == ["bad"] * 5 + ["good"]
    assert message["FunctionId"] == "Host.Functions.take"
    assert message["BlobType"] == "BlockBlob"
    assert (message["ContainerName"], message["BlobName"]) == ("drop2", "bad.csv")
    assert message["ETag"].startswith('"')


def test_a_missing_setting_puts_only_that_function_in_error(
    tmp_path: Path, settings: dict[str, str]
) -> None:
    app = write_app(tmp_path / "app", TICK + BLOB)

    with run_host(app, settings=settings) as host:
        names = [function["name"] for function in host.request("/admin/functions").json()]
        log = host.log_text()

    assert names == ["tick"]
    assert "The 'take' function is in error: '%DROP%' does not resolve to a value." in log
