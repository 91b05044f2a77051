"""All runs, in memory and on disk; used from the event loop alone."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from local.databricks.ending import Ending
from local.databricks.errors import JobsError, no_such_run
from local.databricks.numbers import Numbers
from local.databricks.records import Records
from local.databricks.run import Attempt, Run
from local.databricks.run_record import read_run, write_run


class RunBook:
    """Every run that was submitted; a change is on disk before its method returns."""

    def __init__(self, records: Records, numbers: Numbers) -> None:
        """Read the runs that an earlier runner wrote."""
        self._records = records
        self._numbers = numbers
        self._runs: dict[int, Run] = {}
        self._tokens: dict[str, int] = {}
        self._owners: dict[int, int] = {}
        for record in records.read_all().values():
            self._note(read_run(record))

    def __iter__(self) -> Iterator[Run]:
        """Iterate over the runs in the order of submission."""
        return iter([*self._runs.values()])

    def get(self, run_id: int) -> Run:
        """Find a run; refuses an unknown number."""
        if run_id not in self._runs:
            raise JobsError(no_such_run(run_id))
        return self._runs[run_id]

    def owner(self, run_id: int) -> Run:
        """Find a run by its own number or by the number of one of its attempts."""
        return self.get(self._owners.get(run_id, run_id))

    def with_token(self, token: str | None) -> Run | None:
        """Find the run that was started with a token."""
        run_id = self._tokens.get(token or "")
        return None if run_id is None else self._runs[run_id]

    def queue(self) -> list[Run]:
        """List the runs that wait for their turn, the next one first."""
        waiting = [run for run in self._runs.values() if run.is_queued]
        return sorted(waiting, key=lambda run: run.place)

    def save(self, run: Run) -> Run:
        """Save a run."""
        self._records.write(run.run_id, write_run(run))
        self._note(run)
        return run

    def change(self, run_id: int, change: Callable[[Run], Run]) -> Run:
        """Change a run, based on its current state."""
        return self.save(change(self.get(run_id)))

    def change_attempt(self, run_id: int, attempt_id: int, **changes: Any) -> Attempt:
        """Change one attempt, based on the run's current state."""
        run = self.get(run_id)
        changed = replace(run.attempt(attempt_id), **changes)
        return self.save(run.with_attempt(changed)).attempt(attempt_id)

    def end_attempt(self, run_id: int, attempt_id: int, ending: Ending, at: int) -> Run:
        """End one attempt, based on the run's current state."""
        return self.change(
            run_id, lambda run: run.with_attempt(run.attempt(attempt_id).ended(ending, at))
        )

    def _note(self, run: Run) -> None:
        self._runs[run.run_id] = run
        self._owners |= {attempt.run_id: run.run_id for attempt in run.attempts}
        if run.idempotency_token:
            self._tokens[run.idempotency_token] = run.run_id
        self._numbers.note(run.run_id, run.job_id, *(attempt.run_id for attempt in run.attempts))
