"""The Event Hubs trigger of the local function host, over the hub emulator and Azurite."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from azure.eventhub import EventData
from azure.storage.blob import BlobServiceClient

from tests.contract.azurite_fixture import AzuriteEndpoints
from tests.contract.host_fixture import RunningHost, run_host, write_app
from tests.contract.hub_fixture import RunningHub, side_by_side

HUB_OPTIONS = {
    "loadBalancingUpdateInterval": "00:00:00.5",
    "partitionOwnershipExpirationInterval": "00:00:02",
}


AT_ONCE = 4  # each has processes of its own, and mostly waits for links to open


@dataclass(kw_only=True)
class Trial:
    """What a test has for itself: a folder, a hub of two partitions, and settings for its hosts."""

    folder: Path
    hubs: RunningHub
    hub: str
    azurite: AzuriteEndpoints

    @property
    def settings(self) -> dict[str, str]:
        return {
            "AzureWebJobsStorage": self.azurite.connection_string,
            "HUB_NAME": self.hub,
            "HUB": self.hubs.connection_string(self.hub),
            "HEALED": str(self.healed),
        }

    @property
    def healed(self) -> Path:
        """The file that sample functions wait for."""
        return self.folder / "healed"

    def send(self, *events: EventData | bytes, partition_id: str = "0", key: str = "") -> None:
        """Send events as one batch, to a partition or (with a key) to where the key belongs."""
        target: dict[str, Any] = {"partition_key": key} if key else {"partition_id": partition_id}
        with self.hubs.producer(self.hub) as producer:
            producer.send_batch(
                [e if isinstance(e, EventData) else EventData(e) for e in events], **target
            )

    def run_host(self, code: str, **hub_options: Any) -> AbstractContextManager[RunningHost]:
        """Run a host of an app with this code."""
        options = {**HUB_OPTIONS, **hub_options}
        host_json = {"extensions": {"eventHubs": options}}
        app = write_app(self.folder / "app", code, host_json=host_json)
        return run_host(app, settings=self.settings)

    def checkpoint(self) -> int | None:
        """Return the sequence number at which partition 0 is checkpointed, once there is one."""
        with BlobServiceClient.from_connection_string(self.azurite.connection_string) as service:
            container = service.get_container_client("azure-webjobs-eventhub")
            for blob in container.list_blobs(include=["metadata"]):
                if blob.name.endswith(f"/{self.hub}/$default/checkpoint/0"):
                    return int(blob.metadata["sequencenumber"])
        return None


@pytest.fixture(scope="module")
def makers(
    makers: dict[str, Callable[[], Any]], hubs: RunningHub, azurite: AzuriteEndpoints
) -> dict[str, Callable[[], Any]]:
    def make_trial() -> Trial:
        hub = hubs.new_hub(partitions=2)
        return Trial(folder=makers["folder"](), hubs=hubs, hub=hub, azurite=azurite)

    return {"trial": make_trial}


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


@side_by_side
def test_every_body_and_its_metadata_reach_the_function(trial: Trial) -> None:
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
    trial.send(marked, b"", b"{}", key="some key")

    with trial.run_host(code) as host:
        (batch,) = host.wait_for_notes(1)

    assert batch["bodies"] == ["fffe", "", "7b7d"]
    assert batch["numbers"] == [0, 1, 2]
    assert batch["keys"] == ["some key"] * 3
    assert batch["properties"] == [{"contract": "orders/2"}, {}, {}]
    assert batch["system"][0]["content-type"] == "avro/binary+1f"
    assert "content-type" not in batch["system"][1]
    assert batch["system"][0]["x-opt-partition-key"] == "some key"
    assert batch["partition"] in ("0", "1")


@side_by_side
def test_a_sync_function_runs_too_and_a_restart_goes_on_after_the_checkpoint(trial: Trial) -> None:
    code = ingest(NOTE_ALL, is_async=False)
    trial.send(b"one", b"two")

    with trial.run_host(code) as host:
        host.wait_for_notes(1)
        host.wait_until(trial.checkpoint)
        exit_code = host.terminate()
    trial.send(b"three")
    with trial.run_host(code) as host:
        notes = host.wait_for_notes(2)

    assert exit_code == 0
    assert texts(notes) == [("one", "two"), ("three",)]


@side_by_side
def test_a_failing_function_with_finite_retries_loses_its_batch(trial: Trial) -> None:
    code = ingest(FAIL_ON_BAD, retries=ONCE)
    trial.send(b"first", b"bad")

    with trial.run_host(code) as host:
        host.wait_for_log("Function code failed after 1 retries.")
        moved = host.wait_until(trial.checkpoint)
        host.kill()
    trial.send(b"later")
    with trial.run_host(code) as host:
        notes = host.wait_for_notes(3)

    assert moved == 1
    assert texts(notes) == [("first", "bad"), ("first", "bad"), ("later",)]
    assert [note[2] for note in notes] == [0, 1, 0]


@side_by_side
def test_retries_for_ever_hold_their_partition_and_no_other(trial: Trial) -> None:
    code = ingest(FAIL_UNTIL_HEALED, retries=FOR_EVER)
    trial.send(b"held")

    with trial.run_host(code) as host:
        host.wait_for_notes(1)
        trial.send(b"behind")
        trial.send(b"elsewhere", partition_id="1")
        host.wait_until(lambda: True if ("elsewhere",) in texts(host.notes()) else None)
        held = host.wait_for_notes(4)
        not_moved = trial.checkpoint()
        trial.healed.touch()
        healed = host.wait_until(lambda: n if ("behind",) in texts(n := host.notes()) else None)

    assert not_moved is None
    assert ("behind",) not in texts(held)
    assert {batch for batch in texts(healed) if batch != ("elsewhere",)} == {
        ("held",),
        ("behind",),
    }


@side_by_side
def test_a_host_stopped_in_the_middle_of_a_retry_gives_the_batch_again(trial: Trial) -> None:
    code = ingest(FAIL_UNTIL_HEALED, retries=LONG_DELAY)
    trial.send(b"held")

    with trial.run_host(code) as host:
        host.wait_for_log("Waiting for `1:00:00` before retrying")
        exit_code = host.terminate()
    not_moved = trial.checkpoint()
    trial.healed.touch()
    with trial.run_host(code) as host:
        notes = host.wait_for_notes(2)

    assert exit_code == 0
    assert not_moved is None
    assert texts(notes) == [("held",), ("held",)]


@side_by_side
def test_a_host_killed_in_the_middle_of_a_batch_gives_it_again(trial: Trial) -> None:
    body = f"""{NOTE_ALL}
    while not pathlib.Path(os.environ["HEALED"]).exists():
        await asyncio.sleep(0.05)
    note("done")
"""
    code = ingest(body)
    trial.send(b"one", b"two")

    with trial.run_host(code) as host:
        host.wait_for_notes(1)
        host.kill()
    trial.healed.touch()
    with trial.run_host(code) as host:
        first, again, done = host.wait_for_notes(3)

    assert texts([first, again]) == [("one", "two"), ("one", "two")]
    assert done == "done"


@side_by_side
def test_a_function_of_cardinality_one_gets_event_after_event(trial: Trial) -> None:
    code = """
    @app.event_hub_message_trigger(
        arg_name="event", event_hub_name="%HUB_NAME%", connection="HUB",
        cardinality=func.Cardinality.ONE, data_type=func.DataType.BINARY,
    )
    def ingest(event: func.EventHubEvent) -> None:
        note([event.sequence_number, event.get_body().decode()])
    """
    trial.send(b"one", b"two")

    with trial.run_host(code) as host:
        notes = host.wait_for_notes(2)

    assert notes == [[0, "one"], [1, "two"]]


@side_by_side
def test_batches_keep_to_the_maximum_of_host_json(trial: Trial) -> None:
    trial.send(*(b"%d" % number for number in range(10)))

    with trial.run_host(ingest(NOTE_ALL), maxEventBatchSize=4) as host:
        notes = host.wait_until(lambda: n if len(sum(texts(n := host.notes()), ())) == 10 else None)

    assert max(len(batch) for batch in texts(notes)) <= 4
    assert sum(texts(notes), ()) == tuple(str(number) for number in range(10))


@side_by_side
def test_a_batch_below_the_minimum_comes_once_its_wait_is_over(trial: Trial) -> None:
    options = {"minEventBatchSize": 3, "maxEventBatchSize": 5, "maxWaitTime": "00:00:01"}

    with trial.run_host(ingest(NOTE_ALL), **options) as host:
        trial.send(b"first")
        host.wait_for_notes(1)
        trial.send(b"second", b"third")
        notes = host.wait_for_notes(2)

    assert texts(notes) == [("first",), ("second", "third")]
