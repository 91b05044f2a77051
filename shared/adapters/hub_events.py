"""The hub's events, read again through azure-eventhub."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, cast

from azure.eventhub import EventData
from azure.eventhub.aio import EventHubConsumerClient, PartitionContext
from azure.eventhub.amqp import AmqpMessageBodyType
from azure.eventhub.exceptions import EventHubError
from azure.identity.aio import DefaultAzureCredential

from shared.adapters.hub_client import hub_unavailable, open_client
from shared.errors import Dependency, DependencyUnavailableError
from shared.hub.address import PartitionAddress
from shared.hub.events import Event
from shared.hub.sequence_range import SequenceRange
from shared.settings import Endpoint

# An exhausted hub just stays silent: stop after 2 s of silence, or 20 s in all.
SILENCE_SECONDS = 2
READ_SECONDS = 20


class EventHubEvents:
    """Reads one hub again; implements EventReader.

    In a consumer group of its own: the trigger's readers hold theirs exclusively.
    """

    def __init__(self, endpoint: Endpoint, hub: str, consumer_group: str) -> None:
        """Keep what the client needs; does no I/O."""
        self._endpoint, self._hub, self._consumer_group = endpoint, hub, consumer_group

    def read_again(self, partition_id: str, wanted: SequenceRange) -> Sequence[Event]:
        """Read the range's events, as far as they come in the time that a read may take."""
        try:
            return asyncio.run(self._read(partition_id, wanted))
        except (EventHubError, OSError) as error:
            hint = "see LANDFALL_EVENTHUBS and LANDFALL_REPLAY_CONSUMER_GROUP"
            problem = "did not give its events again"
            raise hub_unavailable(
                problem,
                error,
                hint,
                partition=PartitionAddress(hub=self._hub, partition_id=partition_id),
                first=wanted.first,
                last=wanted.last,
            ) from error

    async def _read(self, partition_id: str, wanted: SequenceRange) -> Sequence[Event]:
        reading = _Reading(wanted)
        async with self._client() as client:
            receiving = asyncio.create_task(
                client.receive_batch(
                    reading.take,
                    on_error=reading.fail,
                    partition_id=partition_id,
                    starting_position=wanted.first,
                    starting_position_inclusive=True,
                    max_wait_time=SILENCE_SECONDS,
                )
            )
            await asyncio.wait([reading.ended], timeout=READ_SECONDS)
            await client.close()
            # The rest of the task only sleeps until it would look for other readers.
            receiving.cancel()
            await asyncio.wait([receiving])
        if reading.error is not None:
            raise reading.error
        return reading.events

    def _client(self) -> EventHubConsumerClient:
        return open_client(
            EventHubConsumerClient,
            self._endpoint,
            self._hub,
            self._consumer_group,
            DefaultAzureCredential(),
        )


class _Reading:
    """Collects the events of a range until it is complete, or nothing more comes."""

    def __init__(self, wanted: SequenceRange) -> None:
        self._wanted = wanted
        self.events: list[Event] = []
        self.error: Exception | None = None
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def take(self, _: PartitionContext, batch: Sequence[EventData]) -> None:
        if self.ended.done():
            return
        self.events += [_event(item) for item in batch if self._is_wanted(item)]
        if not batch and not self.events:
            return  # the link is still being opened: the caller knows that there are events
        if not batch or (batch[-1].sequence_number or 0) >= self._wanted.last:
            self.ended.set_result(None)

    async def fail(self, _: PartitionContext | None, error: Exception) -> None:
        self.error = error
        if not self.ended.done():
            self.ended.set_result(None)

    def _is_wanted(self, item: EventData) -> bool:
        return item.sequence_number is not None and item.sequence_number in self._wanted


def _event(item: EventData) -> Event:
    """The same event as the trigger hands it over (functions/translation.py)."""
    if item.sequence_number is None or item.enqueued_time is None:
        message = "the hub gave an event without sequence number or enqueued time"
        raise DependencyUnavailableError(message, dependency=Dependency.HUB)
    is_data = item.body_type is AmqpMessageBodyType.DATA
    return Event(
        sequence_number=item.sequence_number,
        enqueued_at=item.enqueued_time,
        body=b"".join(cast("Iterable[bytes]", item.body)) if is_data else _whole(item),
        properties={_text(name): _text(value) for name, value in (item.properties or {}).items()},
        content_type=item.content_type,
        partition_key=_text(item.partition_key) if item.partition_key is not None else None,
    )


def _whole(item: EventData) -> bytes:
    return item.body_as_str().encode("utf-8", "surrogateescape")


def _text(value: Any) -> str:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)
