"""The timer trigger: scheduled runs, one at a time across all hosts with the same id."""

import asyncio
import logging
from datetime import UTC, datetime

from local.host.definitions import FunctionDefinition
from local.host.executor import Executor, Outcome
from local.host.schedule import Schedule
from local.host.schedule_monitor import ScheduleMonitor
from local.host.singleton import SingletonLocks
from local.host.timer_payload import ScheduleStatus, advance, check_past_due, encode_timer


class TimerListener:
    """Runs one timer function; `monitor` is None if the timer's status is not stored."""

    def __init__(
        self,
        function: FunctionDefinition,
        schedule: Schedule,
        *,
        executor: Executor,
        monitor: ScheduleMonitor | None,
        locks: SingletonLocks,
    ) -> None:
        """Make the listener of one function."""
        self._function = function
        self._schedule = schedule
        self._executor = executor
        self._monitor = monitor
        self._locks = locks
        self._stopping = asyncio.Event()
        self._status: ScheduleStatus | None = None
        self._by_hand: set[asyncio.Task[object]] = set()
        self._log = logging.getLogger("Host.Triggers.Timer")

    async def run(self) -> None:
        """Run until stopped."""
        while not self._stopping.is_set():
            async with self._locks.hold(f"{self._function.function_id}.Listener") as lost:
                await self._run_as_singleton(lost)

    async def stop(self) -> None:
        """Start no more runs, and no more retries."""
        self._stopping.set()

    def start_by_hand(self) -> None:
        """Run the function once, outside its schedule and without retries."""
        payload = encode_timer(self._schedule, self._status, is_past_due=False)
        task: asyncio.Task[object] = asyncio.create_task(
            self._executor.invoke(self._function, payload)
        )
        self._by_hand.add(task)
        task.add_done_callback(self._by_hand.discard)

    async def _run_as_singleton(self, lost: asyncio.Event) -> None:
        await self._start_up()
        while not self._stopping.is_set() and not lost.is_set():
            status = self._known_status()
            if await self._wait_until(status.next, lost):
                return
            await self._invoke(was_scheduled=True)

    async def _start_up(self) -> None:
        stored = await self._monitor.read(self._function.function_id) if self._monitor else None
        check = check_past_due(self._schedule, stored, now=datetime.now(UTC))
        self._status = check.status
        if self._monitor and check.status != stored:
            await self._monitor.write(self._function.function_id, check.status)
        if check.is_past_due:
            self._log.info("Function '%s' is past due on startup.", self._function.name)
            await self._invoke(is_past_due=True)
        elif self._function.trigger.get("runOnStartup"):
            self._log.info("Function '%s' is to run on startup.", self._function.name)
            await self._invoke()

    async def _invoke(self, *, is_past_due: bool = False, was_scheduled: bool = False) -> None:
        status = self._known_status()
        invoked_at = datetime.now(UTC)
        shown = status if self._monitor else None
        payload = encode_timer(self._schedule, shown, is_past_due=is_past_due)
        outcome = await self._executor.execute(self._function, payload, stopping=self._stopping)
        if outcome is Outcome.ABANDONED:
            return
        # A failure advances the schedule too: the host does not repeat the tick.
        self._status = advance(
            self._schedule, status, invoked_at=invoked_at, was_scheduled=was_scheduled
        )
        if self._monitor:
            await self._monitor.write(self._function.function_id, self._status)

    async def _wait_until(self, moment: datetime, lost: asyncio.Event) -> bool:
        """Sleep until a moment; return whether we were told to end instead."""
        waits = [asyncio.create_task(event.wait()) for event in (self._stopping, lost)]
        seconds = max((moment - datetime.now(UTC)).total_seconds(), 0)
        try:
            done, _ = await asyncio.wait(
                waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for wait in waits:
                wait.cancel()
        return bool(done)

    def _known_status(self) -> ScheduleStatus:
        if self._status is None:
            msg = "the timer has not started up"
            raise RuntimeError(msg)
        return self._status
