"""A partition: its log, the group commit that writes to it, and the readers waiting for events."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from local.hub.clock import Clock
from local.hub.messages import Event
from local.hub.partition_log import PartitionLog, Written

_MAX_EVENTS_A_COMMIT = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How much a partition keeps; None means no limit."""

    events: int | None = None
    seconds: float | None = None


class Partition:
    """When an append's future is done, its events are durable and visible."""

    def __init__(
        self, partition_id: str, log: PartitionLog, executor: Executor, clock: Clock
    ) -> None:
        """Open the partition; the executor's threads write to disk."""
        self.clock = clock
        self.partition_id = partition_id
        self.log = log
        self.retention = Retention()
        self.on_events: set[Callable[[], None]] = set()
        self._executor = executor
        self._staged: list[tuple[Sequence[Event], asyncio.Future[None]]] = []
        self._committing: asyncio.Task[None] | None = None
        self._closed = False

    def append(self, events: Sequence[Event]) -> "asyncio.Future[None]":
        """Queue events for the next commit; the future fails with the disk's error."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._closed:
            future.set_exception(OSError("the partition is closed"))
            return future
        self._staged.append((events, future))
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit())
        return future

    async def _commit(self) -> None:
        """Write all queued events with one flush, and repeat until the queue is empty."""
        try:
            while self._staged:
                staged = self._take_staged()
                await self._write([event for events, _ in staged for event in events], staged)
        finally:
            self._committing = None

    def _take_staged(self) -> list[tuple[Sequence[Event], "asyncio.Future[None]"]]:
        count, index = 0, 0
        while index < len(self._staged) and count < _MAX_EVENTS_A_COMMIT:
            count += len(self._staged[index][0])
            index += 1
        taken, self._staged = self._staged[:index], self._staged[index:]
        return taken

    async def _write(
        self,
        events: list[Event],
        staged: list[tuple[Sequence[Event], "asyncio.Future[None]"]],
    ) -> None:
        loop = asyncio.get_running_loop()
        try:
            written: Written | None = None
            if events:
                written = await loop.run_in_executor(
                    self._executor, self.log.write, events, self.clock.now_ms()
                )
        except OSError as error:
            for _, future in staged:
                future.set_exception(error)
            return
        if written is not None:
            self.log.publish(written)
        for _, future in staged:
            future.set_result(None)
        for notify in tuple(self.on_events):
            notify()

    def expire(self) -> None:
        """Apply the retention."""
        begin = self.log.begin
        if self.retention.events is not None:
            begin = max(begin, self.log.last + 1 - self.retention.events)
        if self.retention.seconds is not None:
            cutoff = self.clock.now_ms() - int(self.retention.seconds * 1000)
            begin = max(begin, self.log.first_at_time(cutoff, inclusive=True))
        if begin > self.log.begin:
            self.log.trim(begin)

    async def close(self) -> None:
        """Finish the pending writes and close the files."""
        self._closed = True
        if self._committing is not None:
            await self._committing
        self.log.close()
