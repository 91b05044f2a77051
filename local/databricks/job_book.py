"""All jobs, in memory and on disk; used from the event loop alone."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from local.databricks.errors import JobsError, no_such_job
from local.databricks.numbers import Numbers
from local.databricks.records import Records


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job's settings, from which its runs are made."""

    job_id: int
    created_at: int
    settings: Mapping[str, Any]

    @property
    def place(self) -> tuple[int, int]:
        """Its position in a list."""
        return self.created_at, self.job_id


class JobBook:
    """Every job that was created; a change is on disk before its method returns."""

    def __init__(self, records: Records, numbers: Numbers) -> None:
        """Read the jobs that an earlier runner wrote."""
        self._records = records
        found = records.read_all()
        numbers.note(0, *found)
        self._jobs = {number: Job(**one) for number, one in found.items() if "settings" in one}

    def __iter__(self) -> Iterator[Job]:
        """Iterate over the jobs in the order of creation."""
        return iter([*self._jobs.values()])

    def get(self, job_id: int) -> Job:
        """Find a job; refuses an unknown number."""
        if job_id not in self._jobs:
            raise JobsError(no_such_job(job_id))
        return self._jobs[job_id]

    def save(self, job: Job) -> None:
        """Save a job."""
        self._records.write(job.job_id, asdict(job))
        self._jobs[job.job_id] = job

    def delete(self, job_id: int) -> None:
        """Delete a job; its number is never used again."""
        self.get(job_id)
        self._records.write(job_id, {"deleted": True})
        del self._jobs[job_id]
