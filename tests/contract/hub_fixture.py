"""Starts the hub emulator as its own process, and builds the SDK's clients for it."""

import asyncio
import inspect
import threading
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from azure.eventhub import EventData, EventHubConsumerClient, EventHubProducerClient
from azure.eventhub.aio import EventHubConsumerClient as AioConsumer
from azure.eventhub.aio import EventHubProducerClient as AioProducer

from tests.contract.emulator_process import EmulatorProcess, start_emulator
from tests.contract.hub_client import GROUP, KEY, KEY_NAME, put, take

_DEADLINE_SECONDS = 20.0

# The SDK leaves the socket of a connection that ended in an error to the garbage collector.
IGNORING_CUT_SOCKETS = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.usefixtures("cut_sockets_are_collected"),
]


@dataclass(kw_only=True)
class RunningHub:
    """An emulator process, and what tests ask of it."""

    emulator: EmulatorProcess

    @property
    def port(self) -> int:
        return self.emulator.port

    @property
    def data(self) -> Path:
        return self.emulator.data

    def connection_string(self, hub: str, key: str = KEY, key_name: str = KEY_NAME) -> str:
        return (
            f"Endpoint=sb://127.0.0.1:{self.port};SharedAccessKeyName={key_name};"
            f"SharedAccessKey={key};EntityPath={hub};UseDevelopmentEmulator=true"
        )

    def producer(self, hub: str, **options: Any) -> EventHubProducerClient:
        text = self.connection_string(hub)
        return EventHubProducerClient.from_connection_string(text, **{"retry_total": 0, **options})

    def consumer(self, hub: str, group: str = GROUP, **options: Any) -> EventHubConsumerClient:
        text = self.connection_string(hub)
        options = {"retry_total": 0, **options}
        return EventHubConsumerClient.from_connection_string(text, group, **options)

    def aio_producer(self, hub: str, **options: Any) -> AioProducer:
        text = self.connection_string(hub)
        return AioProducer.from_connection_string(text, **{"retry_total": 0, **options})

    def aio_consumer(self, hub: str, group: str = GROUP, **options: Any) -> AioConsumer:
        text = self.connection_string(hub)
        return AioConsumer.from_connection_string(text, group, **{"retry_total": 0, **options})

    def send(self, hub: str, *bodies: bytes, **options: Any) -> None:
        """Send each body on its own, to partition 0 unless told otherwise."""
        options = options or {"partition_id": "0"}
        with self.producer(hub) as producer:
            for body in bodies:
                producer.send_event(EventData(body), **options)

    def send_batch(self, hub: str, events: list[Any], **options: Any) -> None:
        with self.producer(hub) as producer:
            batch = producer.create_batch(**(options or {"partition_id": "0"}))
            for event in events:
                batch.add(event if isinstance(event, EventData) else EventData(event))
            producer.send_batch(batch)

    def read(self, hub: str, count: int, **options: Any) -> list[EventData]:
        """Return the next events from a position; raise what the SDK reports."""
        return asyncio.run(self.aio_read(hub, count, **options))

    async def aio_read(
        self, hub: str, count: int, partition_id: str = "0", group: str = GROUP, **options: Any
    ) -> list[EventData]:
        options = {"starting_position": "-1", **options}
        events: list[EventData] = []
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        async def on_event_batch(_: Any, batch: list[EventData]) -> None:
            events.extend(batch)
            if len(events) >= count and not ended.done():
                ended.set_result(None)

        async def on_error(_: Any, error: Exception) -> None:
            if not ended.done():
                ended.set_exception(error)

        async with self.aio_consumer(hub, group) as consumer:
            receiving = asyncio.create_task(
                consumer.receive_batch(
                    on_event_batch, on_error=on_error, partition_id=partition_id, **options
                )
            )
            try:
                await asyncio.wait_for(ended, _DEADLINE_SECONDS)
            finally:
                receiving.cancel()
                await asyncio.wait([receiving])
        return events[:count]

    def refusal(self, hub: str, group: str = GROUP, **options: Any) -> Exception:
        """Return the error with which a receiver is refused.

        Only the synchronous SDK tells: the other tries again for ever, and says nothing.
        """
        errors: list[Exception] = []
        with self.consumer(hub, group) as consumer, Overseer(consumer.close):

            def on_error(_: Any, error: Exception) -> None:
                errors.append(error)
                consumer.close()

            consumer.receive(lambda *_: None, on_error=on_error, partition_id="0", **options)
        return errors[0]

    def put(self, hub: str, *bodies: bytes, partition_id: str = "0") -> None:
        """Store events without the SDK, which needs a second to open a link."""
        put(self.port, hub, bodies, partition_id)

    def take(self, hub: str, count: int, partition_id: str = "0") -> list[bytes]:
        """Return the first bodies, without the SDK again."""
        return take(self.port, hub, count, partition_id)

    def bodies(self, hub: str, count: int, **options: Any) -> list[bytes]:
        return [b"".join(event.body) for event in self.read(hub, count, **options)]

    def new_hub(self, partitions: int = 1, **definition: Any) -> str:
        """Make a hub that no other test uses."""
        name = f"hub-{uuid.uuid4().hex}"
        body = {"partitions": partitions, "groups": [GROUP], **definition}
        status, answer = self.emulator.control("POST", f"/hubs/{name}", body)
        assert status == 201, answer
        return name

    def partition(self, hub: str, partition_id: str = "0") -> dict[str, Any]:
        """Return what the control endpoint says of a partition."""
        _, answer = self.emulator.control("GET", "/hubs")
        partitions = next(entry for entry in answer["hubs"] if entry["name"] == hub)["partitions"]
        return next(entry for entry in partitions if entry["id"] == partition_id)

    def fired(self, hub: str) -> list[int]:
        """Return how often each fault that was ordered for a hub has fired."""
        return [fault["fired"] for fault in self.emulator.faults() if fault["hub"] == hub]


class Overseer:
    """Closes a blocking consumer that has not come to its end before the deadline."""

    def __init__(self, close: Callable[[], None]) -> None:
        self._timer = threading.Timer(_DEADLINE_SECONDS, close)

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()


def side_by_side(scenario: Callable[..., Any]) -> Callable[..., None]:
    """Make a test that runs beside the file's other such tests.

    Opening a link takes the SDK a second, in which it mostly sleeps. A scenario may ask for `hubs`,
    the emulator that all share, and for what no other has: a `hub` and a `folder`.
    """

    def test(scenarios: "dict[str, Future[None]]") -> None:
        scenarios[scenario.__name__].result(3 * _DEADLINE_SECONDS)

    test.__name__, test.__doc__ = scenario.__name__, scenario.__doc__
    test.scenario = scenario  # type: ignore[attr-defined]  # read by the fixture below
    return test


def play(scenario: Callable[..., Any], makers: Mapping[str, Callable[[], Any]]) -> None:
    """Run a scenario with what it asks for, made anew by the makers of those names."""
    wanted = inspect.signature(scenario).parameters
    outcome = scenario(**{name: makers[name]() for name in wanted})
    if inspect.iscoroutine(outcome):
        asyncio.run(outcome)


def start_hub(data: Path, *arguments: str) -> RunningHub:
    """Start an emulator and wait until it is healthy."""
    options = ("--key-name", KEY_NAME, "--key", KEY, *arguments)
    return RunningHub(emulator=start_emulator("local.hub", data, *options))
