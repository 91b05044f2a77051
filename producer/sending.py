"""Send events side by side over the partitions, in order within each, and account for each one.

The hub acknowledges whole batches. If an acknowledgment is lost on its way back, we send the batch
again, and the hub may hold it twice. A producer without idempotent sequence numbers cannot tell.
The tally counts these resends.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from random import Random
from time import monotonic

from azure.eventhub import EventData, EventDataBatch
from azure.eventhub.aio import EventHubProducerClient

from producer.errors import ProducerError
from producer.partitioning import Partitioner
from producer.patience import SendPatience, TooLargeError
from producer.stream import OutgoingEvent
from producer.tally import SentTally
from shared.contracts.catalog import CONTRACT_PROPERTY

EVENTS_PER_PARTITION_AT_ONCE = 400
MOST_EVENTS_AT_ONCE = 4_000
BLOCKS_PER_SECOND = 10
BLOCKS_WAITING = 2
SENDS_AT_ONCE = 8
SEND_SECONDS = 30.0
Block = Sequence[OutgoingEvent]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast to send, in events/s (None: as fast as possible), and how patient to be."""

    rate: float | None = None
    patience_seconds: float = 60.0

    def block_size(self, partition_count: int) -> int:
        """How many events are taken from the source at once."""
        if self.rate is not None:
            return min(MOST_EVENTS_AT_ONCE, max(1, int(self.rate / BLOCKS_PER_SECOND)))
        return min(MOST_EVENTS_AT_ONCE, EVENTS_PER_PARTITION_AT_ONCE * partition_count)


async def send_events(
    client: EventHubProducerClient, events: Iterator[OutgoingEvent], pace: Pace, tally: SentTally
) -> None:
    """Send all events; the tally says at any time, also after an error, what has become of each.

    Raises ProducerError when the hub refuses us or takes nothing for too long, and whatever the
    source raises, after what it gave before is sent.
    """
    patience = SendPatience(seconds=pace.patience_seconds, tally=tally, random=Random())
    partition_ids = await patience.keep_trying(client.get_partition_ids)
    tally.per_partition.update(dict.fromkeys(partition_ids, 0))
    turns = asyncio.Semaphore(SENDS_AT_ONCE)
    lanes = {
        partition_id: _Lane(
            client=client, partition_id=partition_id, patience=patience, tally=tally, turns=turns
        )
        for partition_id in partition_ids
    }
    try:
        async with asyncio.TaskGroup() as tasks:
            for lane in lanes.values():
                tasks.create_task(lane.run())
            await _feed(lanes, events, pace, tally)
    except* ProducerError as group:
        raise _first(group) from group


def _first(group: BaseExceptionGroup[ProducerError]) -> ProducerError:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error if isinstance(error, ProducerError) else ProducerError(str(error))


async def _feed(
    lanes: dict[str, "_Lane"], events: Iterator[OutgoingEvent], pace: Pace, tally: SentTally
) -> None:
    partitioner = Partitioner(tuple(lanes))
    block_size = pace.block_size(len(lanes))
    began = monotonic()
    failure: Exception | None = None
    while failure is None:
        block, failure = _take(events, block_size)
        if not block and failure is None:
            break
        if pace.rate is not None:
            await asyncio.sleep(max(0.0, began + tally.taken / pace.rate - monotonic()))
        tally.take(block)
        await _hand_out(block, lanes, partitioner)
    for lane in lanes.values():
        await lane.blocks.put(None)
    if failure is not None:
        await asyncio.gather(*(lane.ended.wait() for lane in lanes.values()))
        raise failure


def _take(events: Iterator[OutgoingEvent], count: int) -> tuple[Block, Exception | None]:
    """Take a block; if the source fails, return what it gave before, with the failure."""
    block: list[OutgoingEvent] = []
    try:
        block.extend(islice(events, count))
    except Exception as error:
        return block, error
    return block, None


async def _hand_out(block: Block, lanes: dict[str, "_Lane"], partitioner: Partitioner) -> None:
    parts: dict[str, list[OutgoingEvent]] = defaultdict(list)
    for event in block:
        parts[partitioner.choose(event)].append(event)
    for partition_id, part in parts.items():
        await lanes[partition_id].blocks.put(part)


def _new_queue() -> "asyncio.Queue[Block | None]":
    return asyncio.Queue(BLOCKS_WAITING)


@dataclass(slots=True, kw_only=True)
class _Lane:
    """Sends one partition's events: one batch at a time, to keep their order."""

    client: EventHubProducerClient
    partition_id: str
    patience: SendPatience
    tally: SentTally
    turns: asyncio.Semaphore
    blocks: "asyncio.Queue[Block | None]" = field(default_factory=_new_queue)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Send block after block until the end is handed in."""
        while (block := await self.blocks.get()) is not None:
            await self._send(block)
            _stop_if_cancelled()
        self.ended.set()

    async def _send(self, events: Block) -> None:
        while events:
            batch, count = await self._fill(events)
            if count == 0:
                self.tally.refuse(events[0], "larger than the hub's largest message")
                count = 1
            else:
                await self._send_batch(batch, events[:count])
            events = events[count:]

    async def _fill(self, events: Block) -> tuple[EventDataBatch, int]:
        """Fill a batch; returns how many of the events fit."""
        batch = await self.patience.keep_trying(
            lambda: self.client.create_batch(partition_id=self.partition_id)
        )
        for count, event in enumerate(events):
            try:
                batch.add(_event_data(event))
            except ValueError:
                return batch, count
        return batch, len(events)

    async def _send_batch(self, batch: EventDataBatch, events: Block) -> None:
        try:
            async with self.turns:
                await self.patience.keep_trying(
                    lambda: self.client.send_batch(batch, timeout=SEND_SECONDS), len(events)
                )
        except TooLargeError as error:
            await self._send_smaller(events, str(error))
        else:
            self.tally.acknowledge(self.partition_id, events)

    async def _send_smaller(self, events: Block, problem: str) -> None:
        """Halve a batch that is too large for the hub, down to the event at fault."""
        if len(events) == 1:
            self.tally.refuse(events[0], problem)
            return
        half = len(events) // 2
        await self._send(events[:half])
        await self._send(events[half:])


def _stop_if_cancelled() -> None:
    """Stop if the SDK has swallowed the cancellation, which never comes again."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _event_data(event: OutgoingEvent) -> EventData:
    data = EventData(event.body)
    data.content_type = event.content_type
    data.properties = {CONTRACT_PROPERTY: event.contract}
    return data
