"""All jobs, in memory and on disk; used from the event loop alone."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from local.databricks.errors import JobsError, no_such_job
from local.databricks.numbers import Numbers
from local.databricks.records import Records


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Settings that runs are made from."""

    job_id: int
    created_at: int
    settings: Mapping[str, Any]

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands in a list."""
        return self.created_at, self.job_id


class JobBook:
    """Every job that was created; what it has returned from is on disk."""

    def __init__(self, records: Records, numbers: Numbers) -> None:
        """Read what an earlier runner has written."""
        self._records = records
        found = records.read_all()
        numbers.note(0, *found)
        self._jobs = {number: Job(**one) for number, one in found.items() if "settings" in one}

    def __iter__(self) -> Iterator[Job]:
        """Go over the jobs in the order in which they were created."""
        return iter([*self._jobs.values()])

    def get(self, job_id: int) -> Job:
        """Find a job; refuses a number that is none's."""
        if job_id not in self._jobs:
            raise JobsError(no_such_job(job_id))
        return self._jobs[job_id]

    def save(self, job: Job) -> None:
        """Write a job down."""
        self._records.write(job.job_id, asdict(job))
        self._jobs[job.job_id] = job

    def delete(self, job_id: int) -> None:
        """Forget a job, but not its number: it is never given again."""
        self.get(job_id)
        self._records.write(job_id, {"deleted": True})
        del self._jobs[job_id]
