"""Executes one attempt of a task, from start to end."""

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path

from local.databricks.clock import now_ms
from local.databricks.driver_process import DriverProcess, Launch, launch_of
from local.databricks.drivers import Drivers
from local.databricks.ending import (
    SCRIPT_FAILED,
    SUCCEEDED,
    Ending,
    driver_lost,
    file_unreadable,
    library_missing,
    no_capacity,
    timed_out,
)
from local.databricks.faults import FAILING_RUN, NO_CAPACITY, SLOW_RUN, Fault
from local.databricks.run import Attempt, Run
from local.databricks.run_book import RunBook
from local.databricks.task import Task
from local.kit.faults import Faults

_GRACE_SECONDS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a script ended, and what it reported."""

    ending: Ending
    error: str | None = None
    error_trace: str | None = None


class Execution:
    """Runs scripts in drivers, and records the results in the run book."""

    def __init__(self, book: RunBook, drivers: Drivers, faults: Faults[Fault], logs: Path) -> None:
        """Keep logs in the folder."""
        self._book = book
        self._drivers = drivers
        self._faults = faults
        self._logs = logs
        self._likely_next: Launch | None = None

    async def execute(self, run: Run, attempt: Attempt, stop: asyncio.Event) -> None:
        """Execute an attempt until it ends, its timeout passes or `stop` is set."""
        if await _is_set_within(stop, (attempt.not_before - now_ms()) / 1000):
            return
        task = run.task(attempt.task_key)
        self._book.change_attempt(run.run_id, attempt.run_id, started_at=now_ms())
        work = asyncio.create_task(self._work(run.run_id, attempt.run_id, task))
        halt = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait(
                {work, halt},
                timeout=task.timeout_seconds or None,
                return_when=asyncio.FIRST_COMPLETED,
            )
            outcome = self._outcome(run.run_id, task, work)
        finally:
            halt.cancel()
            work.cancel()
            await asyncio.gather(work, halt, return_exceptions=True)
        self._write_down(run.run_id, attempt.run_id, outcome)

    async def prepare_for_next(self) -> None:
        """Start a spare driver for a run like the last one."""
        if self._likely_next:
            await self._drivers.keep_spare(self._likely_next)

    def log(self, attempt_id: int) -> Path:
        """The path of an attempt's log."""
        return self._logs / f"{attempt_id}.log"

    def _outcome(self, run_id: int, task: Task, work: "asyncio.Task[Outcome]") -> Outcome:
        stopping = self._book.get(run_id).stopping
        if stopping:
            return Outcome(ending=stopping)
        return work.result() if work.done() else Outcome(ending=timed_out(task.timeout_seconds))

    def _write_down(self, run_id: int, attempt_id: int, outcome: Outcome) -> None:
        attempt = self._book.get(run_id).attempt(attempt_id).ended(outcome.ending, now_ms())
        attempt = replace(attempt, error=outcome.error, error_trace=outcome.error_trace)
        self._book.change(run_id, lambda run: run.with_attempt(attempt))

    async def _work(self, run_id: int, attempt_id: int, task: Task) -> Outcome:
        if self._faults.take(lambda fault: fault.kind == NO_CAPACITY):
            return Outcome(ending=no_capacity())
        fault = self._faults.take(lambda fault: fault.kind == FAILING_RUN)
        if fault:
            self._mark_started(run_id, attempt_id)
            return Outcome(ending=SCRIPT_FAILED, error=fault.message)
        ending = _missing(task)
        if ending:
            self.log(attempt_id).write_text(ending.message + "\n")
            return Outcome(ending=ending, error=ending.message)
        try:
            driver = await self._drivers.take(launch_of(task))
        except OSError as error:
            return Outcome(ending=driver_lost(f"it could not be started: {error}"))
        try:
            self._book.change_attempt(run_id, attempt_id, driver=driver.identity)
            driver.log.replace(self.log(attempt_id))
            return await self._run_script(run_id, attempt_id, task, driver)
        finally:
            await driver.end(_GRACE_SECONDS if driver.is_alive else 0)

    async def _run_script(
        self, run_id: int, attempt_id: int, task: Task, driver: DriverProcess
    ) -> Outcome:
        fault = self._faults.take(lambda fault: fault.kind == SLOW_RUN)
        if fault:
            self._mark_started(run_id, attempt_id)
            await asyncio.sleep(fault.seconds)
        await driver.give(task)
        outcome = None
        async for report in driver.reports():
            if report["event"] == "started":
                self._mark_started(run_id, attempt_id)
            if report["event"] == "ended":
                outcome = _read_outcome(report)
                self._likely_next = driver.launch if report["used_spark"] else None
        code = await driver.process.wait()
        return outcome or Outcome(ending=driver_lost(f"it ended with exit code {code}"))

    def _mark_started(self, run_id: int, attempt_id: int) -> None:
        attempt = self._book.get(run_id).attempt(attempt_id)
        if attempt.script_started_at is None:
            self._book.change_attempt(run_id, attempt_id, script_started_at=now_ms())


async def _is_set_within(stop: asyncio.Event, seconds: float) -> bool:
    """Wait up to `seconds`; true, at once, if `stop` is set."""
    if seconds <= 0:
        return stop.is_set()
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return False
    return True


def _missing(task: Task) -> Ending | None:
    """Find a file that the task needs and this machine lacks."""
    lacking = [wheel for wheel in task.wheels if not Path(wheel).is_file()]
    if lacking:
        return library_missing(lacking[0])
    return None if Path(task.script).is_file() else file_unreadable(task.python_file)


def _read_outcome(report: dict[str, str]) -> Outcome:
    if "error" not in report:
        return Outcome(ending=SUCCEEDED)
    return Outcome(ending=SCRIPT_FAILED, error=report["error"], error_trace=report["error_trace"])
