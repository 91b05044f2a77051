"""Starts the hub emulator as its own process, and builds the SDK's clients for it."""

import asyncio
import gc
import inspect
import json
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from azure.eventhub import EventData, EventHubConsumerClient, EventHubProducerClient
from azure.eventhub.aio import EventHubConsumerClient as AioConsumer
from azure.eventhub.aio import EventHubProducerClient as AioProducer
from hub_client import GROUP, KEY, KEY_NAME, put, take

_DEADLINE_SECONDS = 20.0
_ROOT = Path(__file__).resolve().parents[2]


# The SDK leaves the socket of a connection that ended in an error to the garbage collector.
IGNORING_CUT_SOCKETS = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@dataclass(kw_only=True)
class RunningHub:
    """An emulator process, and what tests ask of it."""

    data: Path
    port: int
    control_port: int
    process: "subprocess.Popen[bytes]"

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
        status, answer = self.control("POST", f"/hubs/{name}", body)
        assert status == 201, answer
        return name

    def partition(self, hub: str, partition_id: str = "0") -> dict[str, Any]:
        """Return what the control endpoint says of a partition."""
        _, answer = self.control("GET", "/hubs")
        partitions = next(entry for entry in answer["hubs"] if entry["name"] == hub)["partitions"]
        return next(entry for entry in partitions if entry["id"] == partition_id)

    def control(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        data = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
        url = f"http://127.0.0.1:{self.control_port}{path}"
        request = urllib.request.Request(url, data=data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=_DEADLINE_SECONDS) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def order(self, **fault: Any) -> None:
        """Order a fault."""
        status, answer = self.control("POST", "/faults", fault)
        assert status == 201, answer

    def fired(self, hub: str) -> list[int]:
        """Return how often each fault that was ordered for a hub has fired."""
        faults = self.control("GET", "/faults")[1]["faults"]
        return [fault["fired"] for fault in faults if fault["hub"] == hub]

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Signal the process and return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(_DEADLINE_SECONDS)


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
    """Make a test that runs beside the file's other such tests, each on a hub of its own.

    Opening a link takes the SDK a second, in which it mostly sleeps.
    """

    def test(scenarios: "dict[str, Future[None]]") -> None:
        scenarios[scenario.__name__].result(3 * _DEADLINE_SECONDS)

    test.__name__, test.__doc__ = scenario.__name__, scenario.__doc__
    test.scenario = scenario  # type: ignore[attr-defined]  # read by the fixture below
    return test


@pytest.fixture(scope="module")
def scenarios(request: pytest.FixtureRequest, hubs: "RunningHub") -> Iterator[Any]:
    """Start every selected test of the file that is to run side by side."""
    functions = [getattr(item, "function", None) for item in request.session.items]
    chosen = [
        function.scenario
        for function in functions
        if hasattr(function, "scenario") and function.scenario.__module__ == request.module.__name__
    ]
    with ThreadPoolExecutor(len(chosen)) as threads:
        yield {scenario.__name__: threads.submit(play, scenario, hubs) for scenario in chosen}


def play(scenario: Callable[..., Any], hubs: "RunningHub") -> None:
    wanted = inspect.signature(scenario).parameters
    outcome = scenario(hubs, hubs.new_hub()) if "hub" in wanted else scenario(hubs)
    if inspect.iscoroutine(outcome):
        asyncio.run(outcome)


def start_hub(data: Path, *arguments: str, port: int | None = None) -> RunningHub:
    """Start an emulator and wait until it is healthy."""
    port, control_port = port or free_port(), free_port()
    command = [sys.executable, "-m", "local.hub", "--data", str(data), "--port", str(port)]
    command += ["--control-port", str(control_port), "--key-name", KEY_NAME, "--key", KEY]
    process = subprocess.Popen([*command, *arguments], cwd=_ROOT)
    running = RunningHub(data=data, port=port, control_port=control_port, process=process)
    until(lambda: is_healthy(running))
    return running


def is_healthy(running: RunningHub) -> bool:
    assert running.process.poll() is None, "the emulator ended while it was starting"
    try:
        return running.control("GET", "/health")[0] == 200
    except OSError:
        return False


def until(is_so: Callable[[], bool]) -> None:
    """Poll until something is so; fail after the deadline."""
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it did not come to be so before the deadline"
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def hubs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    """One emulator for all tests of a file, which make hubs of their own in it."""
    running = start_hub(tmp_path_factory.mktemp("hubs"))
    yield running
    assert running.end() == 0


@pytest.fixture(scope="module", autouse=True)
def cut_sockets_are_collected() -> Iterator[None]:
    """Collect what the SDK left behind while it is still ignored."""
    yield
    gc.collect()


@pytest.fixture
def hub(hubs: RunningHub) -> str:
    """Make a fresh hub with one partition."""
    return hubs.new_hub()
