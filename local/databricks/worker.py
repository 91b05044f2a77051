"""Works through the queue: one run at a time, its tasks one after another."""

import asyncio
import logging
import signal
from dataclasses import dataclass, replace

from local.databricks.clock import now_ms
from local.databricks.ending import CANCELED, Ending, driver_lost, timed_out
from local.databricks.execution import Execution
from local.databricks.numbers import Numbers
from local.databricks.plan import Finish, Retry, Skip, Start, next_step
from local.databricks.process_group import end_group
from local.databricks.run import Attempt, Run
from local.databricks.run_book import RunBook

_LOGGER = logging.getLogger(__name__)


@dataclass(slots=True)
class _Turn:
    """The run that executes now."""

    run_id: int
    stop: asyncio.Event


class Worker:
    """Executes queued runs in the order in which they were queued."""

    def __init__(self, book: RunBook, numbers: Numbers, execution: Execution) -> None:
        """Start nothing yet."""
        self._book = book
        self._numbers = numbers
        self._execution = execution
        self._turn: _Turn | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def recover(self) -> None:
        """End the attempts that an earlier, killed runner left running, and continue from there."""
        for run in [run for run in self._book if run.is_active and not run.is_queued]:
            for attempt in [one for one in run.attempts if one.started_at and not one.ending]:
                if attempt.driver:
                    await end_group(attempt.driver, 0)
                ending = run.stopping or driver_lost("the runner ended while it ran the task")
                self._book.end_attempt(run.run_id, attempt.run_id, ending, now_ms())
            self._book.change(run.run_id, lambda run: replace(run, taken_at=None))
        self.start_next()

    def start_next(self) -> None:
        """Start the next run, unless one is executing."""
        queue = self._book.queue()
        if self._turn or not queue:
            return
        run = self._book.save(replace(queue[0], taken_at=now_ms()))
        self._turn = _Turn(run_id=run.run_id, stop=asyncio.Event())
        if run.stopping:
            self._turn.stop.set()
        task = asyncio.create_task(self._work_off(self._turn))
        self._tasks.add(task)
        task.add_done_callback(self._forget)

    def stop_run(self, run_id: int, ending: Ending = CANCELED) -> None:
        """Stop a run; returns at once, and the run ends when its driver is gone."""
        run = self._book.get(run_id)
        if run.stopping or not run.is_active:
            return
        run = self._book.save(replace(run, stopping=ending))
        if self._turn and self._turn.run_id == run_id:
            self._turn.stop.set()
        else:
            self.end_unstarted(run_id, ending)

    def end_unstarted(self, run_id: int, ending: Ending) -> None:
        """End a run that has not started."""
        for attempt in [one for one in self._book.get(run_id).attempts if not one.ending]:
            self._book.end_attempt(run_id, attempt.run_id, ending, now_ms())
        self._book.change(run_id, lambda run: run.ended(ending, now_ms()))

    async def close(self) -> None:
        """End the current driver; the next start finds its run lost."""
        tasks = [*self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _forget(self, task: "asyncio.Task[None]") -> None:
        """Forget a finished turn; a runner that cannot save a run stops working."""
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _LOGGER.critical("the queue cannot be worked off", exc_info=error)
            signal.raise_signal(signal.SIGTERM)

    async def _work_off(self, turn: _Turn) -> None:
        timer = self._time(self._book.get(turn.run_id))
        try:
            while (run := self._book.get(turn.run_id)).is_active:
                await self._take_step(run, turn.stop)
        finally:
            if timer:
                timer.cancel()
        _LOGGER.info("run %s ended", turn.run_id)
        self._turn = None
        self.start_next()
        if self._turn is None:
            await self._execution.prepare_for_next()

    def _time(self, run: Run) -> asyncio.TimerHandle | None:
        limit = run.timeout_seconds
        if not limit:
            return None
        loop = asyncio.get_running_loop()
        return loop.call_later(limit, self.stop_run, run.run_id, timed_out(limit))

    async def _take_step(self, run: Run, stop: asyncio.Event) -> None:
        match next_step(run):
            case Start(attempt=attempt):
                await self._execution.execute(run, attempt, stop)
            case Skip(attempt=attempt, ending=ending):
                self._book.end_attempt(run.run_id, attempt.run_id, ending, now_ms())
            case Retry(attempt=attempt, not_before=not_before):
                self._book.save(run.with_attempt(self._next_attempt(attempt, not_before)))
            case Finish(ending=ending):
                self._book.save(run.ended(ending, now_ms()))

    def _next_attempt(self, attempt: Attempt, not_before: int) -> Attempt:
        return Attempt(
            run_id=self._numbers.next(),
            task_key=attempt.task_key,
            number=attempt.number + 1,
            not_before=not_before,
        )
