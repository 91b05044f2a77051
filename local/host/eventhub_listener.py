"""The Event Hubs trigger: reads partitions in parallel, one invocation at a time in each.

As in the real extension, the checkpoint advances once the retries are spent, whether or not the
function succeeded. It does not advance when the host stops or loses the partition.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from azure.core.exceptions import ResourceExistsError
from azure.eventhub import CloseReason, EventData
from azure.eventhub.aio import EventHubConsumerClient, PartitionContext

from local.host.definitions import FunctionDefinition
from local.host.event_buffer import EventBuffer
from local.host.event_payload import PartitionSource, encode_batch, encode_single
from local.host.event_reading import read_event
from local.host.eventhub_connection import CHECKPOINT_CONTAINER, EventHubConnection
from local.host.executor import Executor
from local.host.host_json import EventHubOptions
from local.host.storage import StorageConnection

_LOG = logging.getLogger("Host.Triggers.EventHubs")
# How often to check an idle partition for events that have waited long enough.
_POLL_SECONDS = 0.25


@dataclass(slots=True, kw_only=True)
class _Session:
    """One period of owning a partition; `closed` ends its retries and its checkpoints."""

    buffer: EventBuffer[EventData]
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    batches_since_checkpoint: int = 0


class EventHubListener:
    """Runs one Event Hubs function."""

    def __init__(
        self,
        function: FunctionDefinition,
        connection: EventHubConnection,
        *,
        options: EventHubOptions,
        storage: StorageConnection,
        executor: Executor,
    ) -> None:
        """Make the listener of one function."""
        self._function = function
        self._connection = connection
        self._options = options
        self._storage = storage
        self._executor = executor
        self._client: EventHubConsumerClient | None = None
        self._receiving: asyncio.Task[None] | None = None
        self._is_stopped = False
        self._sessions: dict[str, _Session] = {}
        self._executions: dict[str, asyncio.Task[None]] = {}
        data_type = function.trigger.get("dataType")
        self._data_type = str(data_type).upper() if data_type else None
        self._is_single = str(function.trigger.get("cardinality") or "MANY").upper() == "ONE"

    async def run(self) -> None:
        """Run until stopped."""
        async with self._storage.blob_service() as blobs:
            with contextlib.suppress(ResourceExistsError):
                await blobs.create_container(CHECKPOINT_CONTAINER)
        self._client = self._connection.open(self._storage, self._options)
        waits = self._options.min_event_batch_size > 1
        async with self._client:
            receiving = self._client.receive_batch(
                self._on_batch,
                max_batch_size=self._options.max_event_batch_size,
                max_wait_time=_POLL_SECONDS if waits else None,
                prefetch=self._options.prefetch_count,
                starting_position=self._options.starting_position,
                on_error=self._on_error,
                on_partition_initialize=self._on_open,
                on_partition_close=self._on_close,
            )
            self._receiving = asyncio.create_task(receiving)
            try:
                await self._receiving
            except asyncio.CancelledError:
                if not self._is_stopped:
                    raise

    async def stop(self) -> None:
        """Start no more invocations and write no more checkpoints."""
        for session in self._sessions.values():
            session.closed.set()
        self._is_stopped = True
        if self._client:
            await self._client.close()
        if self._receiving:
            # A closed client only sleeps until its next load balancing.
            self._receiving.cancel()

    async def _on_open(self, context: PartitionContext) -> None:
        self._sessions[context.partition_id] = _Session(
            buffer=EventBuffer(
                minimum=self._options.min_event_batch_size,
                maximum=self._options.max_event_batch_size,
                wait_seconds=self._options.max_wait_time.total_seconds(),
            )
        )
        _LOG.info("Function '%s' owns partition %s.", self._function.name, context.partition_id)

    async def _on_close(self, context: PartitionContext, reason: CloseReason) -> None:
        if session := self._sessions.get(context.partition_id):
            session.closed.set()
        _LOG.info(
            "Function '%s' left partition %s: %s.",
            self._function.name,
            context.partition_id,
            reason.name,
        )

    async def _on_error(self, context: PartitionContext | None, error: Exception) -> None:
        partition_id = context.partition_id if context else "none"
        _LOG.warning(
            "Processing error (Function: '%s', Partition Id: '%s'): %s",
            self._function.name,
            partition_id,
            error,
        )

    async def _on_batch(self, context: PartitionContext, events: list[EventData]) -> None:
        session = self._sessions[context.partition_id]
        session.buffer.add(events, now=time.monotonic())
        while not session.closed.is_set():
            batch = session.buffer.take(now=time.monotonic())
            if not batch:
                return
            await self._process(context, session, batch)

    async def _process(
        self, context: PartitionContext, session: _Session, batch: list[EventData]
    ) -> None:
        partition_id = context.partition_id
        if earlier := self._executions.get(partition_id):
            # Left over from an earlier period of owning this partition.
            await asyncio.wait({earlier})
        session.batches_since_checkpoint += 1
        frequency = self._options.batch_checkpoint_frequency
        is_checkpointing = session.batches_since_checkpoint >= frequency
        execution = asyncio.create_task(self._execute(context, session, batch, is_checkpointing))
        self._executions[partition_id] = execution
        try:
            # We cannot interrupt a function: after the partition is lost, it runs on, unobserved.
            await asyncio.shield(execution)
        except asyncio.CancelledError:
            session.closed.set()
            raise
        if is_checkpointing and not session.closed.is_set():
            await context.update_checkpoint(batch[-1])
            session.batches_since_checkpoint = 0

    async def _execute(
        self,
        context: PartitionContext,
        session: _Session,
        batch: Sequence[EventData],
        is_checkpointing: bool,
    ) -> None:
        source = PartitionSource(
            fully_qualified_namespace=context.fully_qualified_namespace,
            event_hub_name=context.eventhub_name,
            consumer_group=context.consumer_group,
            partition_id=context.partition_id,
        )
        events = [read_event(event) for event in batch]
        if not self._is_single:
            payload = encode_batch(
                events, source, data_type=self._data_type, is_checkpointing=is_checkpointing
            )
            await self._executor.execute(self._function, payload, stopping=session.closed)
            return
        for event in events:
            if session.closed.is_set():
                return
            payload = encode_single(
                event, source, data_type=self._data_type, is_checkpointing=is_checkpointing
            )
            await self._executor.execute(self._function, payload, stopping=session.closed)
