"""Makes runs: one-time runs, and runs of jobs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.databricks.clock import now_ms
from local.databricks.numbers import Numbers
from local.databricks.run import Attempt, Run
from local.databricks.run_book import RunBook
from local.databricks.task import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRuns:
    """Adds new runs to the book, where they wait for their turn."""

    book: RunBook
    numbers: Numbers

    def submitted(
        self, name: str, settings: Mapping[str, Any], tasks: tuple[Task, ...], token: str | None
    ) -> Run:
        """Queue a one-time run; it has its own job, which no list shows."""
        return self._queue(
            job_id=self.numbers.next(),
            run_type="SUBMIT_RUN",
            name=name,
            settings=settings,
            tasks=tasks,
            idempotency_token=token,
        )

    def of_job(
        self, job_id: int, settings: Mapping[str, Any], tasks: tuple[Task, ...], token: str | None
    ) -> Run:
        """Queue a run of a job."""
        return self._queue(
            job_id=job_id,
            run_type="JOB_RUN",
            name=settings.get("name", "Untitled"),
            settings=settings,
            tasks=tasks,
            idempotency_token=token,
        )

    def _queue(self, *, tasks: tuple[Task, ...], **known: Any) -> Run:
        run_id = self.numbers.next()
        attempts = tuple(Attempt(run_id=self.numbers.next(), task_key=task.key) for task in tasks)
        return self.book.save(
            Run(
                run_id=run_id,
                number_in_job=run_id,
                tasks=tasks,
                attempts=attempts,
                started_at=now_ms(),
                **known,
            )
        )
