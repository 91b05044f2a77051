"""The Event Hubs trigger of the local function host, over the hub emulator and Azurite."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from azure.eventhub import EventData, EventHubProducerClient
from azure.storage.blob import BlobServiceClient

from tests.contract.azurite_fixture import AzuriteEndpoints
from tests.contract.host_fixture import run_host, write_app
from tests.contract.hub_fixture import RunningHub

HOST_JSON = {
    "extensions": {
        "eventHubs": {
            "loadBalancingUpdateInterval": "00:00:00.5",
            "partitionOwnershipExpirationInterval": "00:00:03",
        }
    }
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """A hub of the emulator that is the test's own."""

    name: str
    connection_string: str

    def send(self, *events: EventData | bytes, partition_id: str = "0", key: str = "") -> None:
        """Send events as one batch, to a partition or (with a key) to where the key belongs."""
        target: dict[str, Any] = {"partition_key": key} if key else {"partition_id": partition_id}
        with EventHubProducerClient.from_connection_string(self.connection_string) as producer:
            producer.send_batch(
                [e if isinstance(e, EventData) else EventData(e) for e in events], **target
            )


@pytest.fixture
def hub(hubs: RunningHub) -> Hub:
    name = hubs.new_hub(partitions=2)
    return Hub(name=name, connection_string=hubs.connection_string(name))


@pytest.fixture
def settings(azurite: AzuriteEndpoints, hub: Hub) -> dict[str, str]:
    return {
        "AzureWebJobsStorage": azurite.connection_string,
        "HUB_NAME": hub.name,
        "HUB": hub.connection_string,
    }


def ingest(body: str, *, retries: str = "", is_async: bool = True) -> str:
    """Return an app whose one function notes each batch and then runs `body`."""
    decorator = f"@app.retry({retries})" if retries else ""
    return f"""
import asyncio, pathlib, time

@app.event_hub_message_trigger(
    arg_name="events", event_hub_name="%HUB_NAME%", connection="HUB",
    cardinality=func.Cardinality.MANY, data_type=func.DataType.BINARY,
)
{decorator}
{"async " if is_async else ""}def ingest(
    events: typing.List[func.EventHubEvent], context: func.Context
) -> None:
    bodies = [event.get_body().hex() for event in events]
    metadata = events[0].metadata
    partition = metadata["PartitionContext"]["PartitionId"]
    {body}
"""


NOTE_ALL = "note([partition, bodies, context.retry_context.retry_count])"
FAIL_ON_BAD = f"""{NOTE_ALL}
    if b"bad".hex() in bodies:
        raise RuntimeError("bad")
"""
FAIL_UNTIL_HEALED = f"""{NOTE_ALL}
    if partition == "0" and not pathlib.Path(os.environ["HEALED"]).exists():
        raise RuntimeError("not yet")
"""
FOR_EVER = 'strategy="fixed_delay", max_retry_count="-1", delay_interval="00:00:01"'
LONG_DELAY = 'strategy="fixed_delay", max_retry_count="-1", delay_interval="01:00:00"'
ONCE = 'strategy="fixed_delay", max_retry_count="1", delay_interval="00:00:00"'


def texts(notes: Sequence[Any]) -> list[tuple[str, ...]]:
    """Return the bodies of each noted batch, as text."""
    return [tuple(bytes.fromhex(body).decode() for body in note[1]) for note in notes]


def checkpoint_of(azurite: AzuriteEndpoints, settings: dict[str, str]) -> int | None:
    """Return the sequence number at which partition 0 is checkpointed, once there is one."""
    with BlobServiceClient.from_connection_string(azurite.connection_string) as service:
        container = service.get_container_client("azure-webjobs-eventhub")
        for blob in container.list_blobs(include=["metadata"]):
            if blob.name.endswith(f"/{settings['HUB_NAME']}/$default/checkpoint/0"):
                return int(blob.metadata["sequencenumber"])
    return None


def test_every_body_and_its_metadata_reach_the_function(
    tmp_path: Path, hub: Hub, settings: dict[str, str]
) -> None:
    code = ingest(
        """note({"bodies": bodies, "partition": partition,
              "numbers": [e.sequence_number for e in events],
              "keys": [e.partition_key for e in events],
              "system": metadata["SystemPropertiesArray"],
              "properties": metadata["PropertiesArray"]})"""
    )
    marked = EventData(b"\xff\xfe")
    marked.content_type = "avro/binary+1f"
    marked.properties = {"contract": "orders/2"}
    hub.send(marked, b"", b"{}", key="some key")
    app = write_app(tmp_path / "app", code, host_json=HOST_JSON)

    with run_host(app, settings=settings) as host:
        (batch,) = host.wait_for_notes(1)

    assert batch["bodies"] == ["fffe", "", "7b7d"]
    assert batch["numbers"] == [0, 1, 2]
    assert batch["keys"] == ["some key"] * 3
    assert batch["properties"] == [{"contract": "orders/2"}, {}, {}]
    assert batch["system"][0]["content-type"] == "avro/binary+1f"
    assert "content-type" not in batch["system"][1]
    assert batch["system"][0]["x-opt-partition-key"] == "some key"
    assert batch["partition"] in ("0", "1")


def test_a_sync_function_runs_too_and_a_restart_goes_on_after_the_checkpoint(
    tmp_path: Path, hub: Hub, azurite: AzuriteEndpoints, settings: dict[str, str]
) -> None:
    app = write_app(tmp_path / "app", ingest(NOTE_ALL, is_async=False), host_json=HOST_JSON)
    hub.send(b"one", b"two")

    with run_host(app, settings=settings) as host:
        host.wait_for_notes(1)
        host.wait_until(lambda: checkpoint_of(azurite, settings))
        code = host.terminate()
    hub.send(b"three")
    with run_host(app, settings=settings) as host:
        notes = host.wait_for_notes(2)

    assert code == 0
    assert texts(notes) == [("one", "two"), ("three",)]


def test_a_failing_function_with_finite_retries_loses_its_batch(
    tmp_path: Path, hub: Hub, azurite: AzuriteEndpoints, settings: dict[str, str]
) -> None:
    app = write_app(tmp_path / "app", ingest(FAIL_ON_BAD, retries=ONCE), host_json=HOST_JSON)
    hub.send(b"first", b"bad")

    with run_host(app, settings=settings) as host:
        host.wait_for_log("Function code failed after 1 retries.")
        moved = host.wait_until(lambda: checkpoint_of(azurite, settings))
        host.kill()
    hub.send(b"later")
    with run_host(app, settings=settings) as host:
        notes = host.wait_for_notes(3)

    assert moved == 1
    assert texts(notes) == [("first", "bad"), ("first", "bad"), ("later",)]
    assert [note[2] for note in notes] == [0, 1, 0]


def test_retries_for_ever_hold_their_partition_and_no_other(
    tmp_path: Path, hub: Hub, azurite: AzuriteEndpoints, settings: dict[str, str]
) -> None:
    code = ingest(FAIL_UNTIL_HEALED, retries=FOR_EVER)
    app = write_app(tmp_path / "app", code, host_json=HOST_JSON)
    settings["HEALED"] = str(tmp_path / "healed")
    hub.send(b"held")

    with run_host(app, settings=settings) as host:
        host.wait_for_notes(1)
        hub.send(b"behind")
        hub.send(b"elsewhere", partition_id="1")
        host.wait_until(lambda: True if ("elsewhere",) in texts(host.notes()) else None)
        held = host.wait_for_notes(4)
        not_moved = checkpoint_of(azurite, settings)
        Path(settings["HEALED"]).touch()
        healed = host.wait_until(lambda: n if ("behind",) in texts(n := host.notes()) else None)

    assert not_moved is None
    assert ("behind",) not in texts(held)
    assert {batch for batch in texts(healed) if batch != ("elsewhere",)} == {
        ("held",),
        ("behind",),
    }


def test_a_host_stopped_in_the_middle_of_a_retry_gives_the_batch_again(
    tmp_path: Path, hub: Hub, azurite: AzuriteEndpoints, settings: dict[str, str]
) -> None:
    code = ingest(FAIL_UNTIL_HEALED, retries=LONG_DELAY)
    app = write_app(tmp_path / "app", code, host_json=HOST_JSON)
    settings["HEALED"] = str(tmp_path / "healed")
    hub.send(b"held")

    with run_host(app, settings=settings) as host:
        host.wait_for_log("Waiting for `1:00:00` before retrying")
        code_of_end = host.terminate()
    not_moved = checkpoint_of(azurite, settings)
    Path(settings["HEALED"]).touch()
    with run_host(app, settings=settings) as host:
        notes = host.wait_for_notes(2)

    assert code_of_end == 0
    assert not_moved is None
    assert texts(notes) == [("held",), ("held",)]


def test_a_host_killed_in_the_middle_of_a_batch_gives_it_again(
    tmp_path: Path, hub: Hub, settings: dict[str, str]
) -> None:
    body = f"""{NOTE_ALL}
    while not pathlib.Path(os.environ["HEALED"]).exists():
        await asyncio.sleep(0.05)
    note("done")
"""
    app = write_app(tmp_path / "app", ingest(body), host_json=HOST_JSON)
    settings["HEALED"] = str(tmp_path / "healed")
    hub.send(b"one", b"two")

    with run_host(app, settings=settings) as host:
        host.wait_for_notes(1)
        host.kill()
    Path(settings["HEALED"]).touch()
    with run_host(app, settings=settings) as host:
        first, again, done = host.wait_for_notes(3)

    assert texts([first, again]) == [("one", "two"), ("one", "two")]
    assert done == "done"


def test_a_function_of_cardinality_one_gets_event_after_event(
    tmp_path: Path, hub: Hub, settings: dict[str, str]
) -> None:
    code = """
    @app.event_hub_message_trigger(
        arg_name="event", event_hub_name="%HUB_NAME%", connection="HUB",
        cardinality=func.Cardinality.ONE, data_type=func.DataType.BINARY,
    )
    def ingest(event: func.EventHubEvent) -> None:
        note([event.sequence_number, event.get_body().decode()])
    """
    app = write_app(tmp_path / "app", code, host_json=HOST_JSON)
    hub.send(b"one", b"two")

    with run_host(app, settings=settings) as host:
        notes = host.wait_for_notes(2)

    assert notes == [[0, "one"], [1, "two"]]


def test_batches_keep_to_the_maximum_of_host_json(
    tmp_path: Path, hub: Hub, settings: dict[str, str]
) -> None:
    hub_options = {**HOST_JSON["extensions"]["eventHubs"], "maxEventBatchSize": 4}
    app = write_app(
        tmp_path / "app",
        ingest(NOTE_ALL),
        host_json={"extensions": {"eventHubs": hub_options}},
    )
    hub.send(*(b"%d" % number for number in range(10)))

    with run_host(app, settings=settings) as host:
        notes = host.wait_until(lambda: n if len(sum(texts(n := host.notes()), ())) == 10 else None)

    assert max(len(batch) for batch in texts(notes)) <= 4
    assert sum(texts(notes), ()) == tuple(str(number) for number in range(10))


def test_a_batch_below_the_minimum_comes_once_its_wait_is_over(
    tmp_path: Path, hub: Hub, settings: dict[str, str]
) -> None:
    options = {"minEventBatchSize": 3, "maxEventBatchSize": 5, "maxWaitTime": "00:00:01"}
    app = write_app(
        tmp_path / "app",
        ingest(NOTE_ALL),
        host_json={
            "extensions": {"eventHubs": {**HOST_JSON["extensions"]["eventHubs"], **options}}
        },
    )

    with run_host(app, settings=settings) as host:
        hub.send(b"first")
        host.wait_for_notes(1)
        hub.send(b"second", b"third")
        notes = host.wait_for_notes(2)

    assert texts(notes) == [("first",), ("second", "third")]
