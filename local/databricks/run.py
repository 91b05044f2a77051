"""A run and the attempts of its tasks: their data, and how it changes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from local.databricks.ending import Ending
from local.databricks.task import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverId:
    """A driver's process and group; its start time tells it from a later process with its pid."""

    pid: int
    started_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try of a task; times are epoch milliseconds, None if it has not happened yet."""

    run_id: int
    task_key: str
    number: int = 0
    not_before: int = 0
    started_at: int | None = None
    script_started_at: int | None = None
    ended_at: int | None = None
    ending: Ending | None = None
    driver: DriverId | None = None
    error: str | None = None
    error_trace: str | None = None

    def ended(self, ending: Ending, at: int) -> "Attempt":
        """End it."""
        return replace(self, ending=ending, ended_at=at, driver=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run; `stopping` is the ending that it gets as soon as its driver is gone."""

    run_id: int
    job_id: int
    run_type: str
    name: str
    settings: Mapping[str, Any]
    tasks: tuple[Task, ...]
    attempts: tuple[Attempt, ...]
    started_at: int
    number_in_job: int = 0
    taken_at: int | None = None
    ended_at: int | None = None
    ending: Ending | None = None
    stopping: Ending | None = None
    idempotency_token: str | None = None

    @property
    def place(self) -> tuple[int, int]:
        """Its position in a list."""
        return self.started_at, self.run_id

    @property
    def is_active(self) -> bool:
        """Whether it has not ended."""
        return self.ending is None

    @property
    def is_queued(self) -> bool:
        """Whether it waits for its turn."""
        return self.is_active and self.taken_at is None

    @property
    def timeout_seconds(self) -> int:
        """How long the whole run may take; 0 means no limit."""
        return int(self.settings.get("timeout_seconds", 0))

    def task(self, key: str) -> Task:
        """The task with that key."""
        return next(task for task in self.tasks if task.key == key)

    def latest(self, key: str) -> Attempt:
        """The latest attempt of a task."""
        return [attempt for attempt in self.attempts if attempt.task_key == key][-1]

    def attempt(self, run_id: int) -> Attempt:
        """The attempt with that run id."""
        return next(attempt for attempt in self.attempts if attempt.run_id == run_id)

    def with_attempt(self, changed: Attempt) -> "Run":
        """Replace an attempt by its changed version, or append a new one."""
        if all(attempt.run_id != changed.run_id for attempt in self.attempts):
            return replace(self, attempts=(*self.attempts, changed))
        attempts = (
            changed if attempt.run_id == changed.run_id else attempt for attempt in self.attempts
        )
        return replace(self, attempts=tuple(attempts))

    def ended(self, ending: Ending, at: int) -> "Run":
        """End the run."""
        return replace(self, ending=ending, ended_at=at, stopping=None)
