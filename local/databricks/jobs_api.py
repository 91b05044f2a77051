"""The calls about jobs: create, run-now, list, get, update, reset and delete."""

from dataclasses import dataclass, replace
from typing import Any

from local.databricks.call import Call
from local.databricks.clock import now_ms
from local.databricks.document import USER
from local.databricks.ending import TOO_MANY_RUNS
from local.databricks.errors import JobsError, invalid
from local.databricks.job_book import Job, JobBook
from local.databricks.job_settings import for_run, updated
from local.databricks.listing import read_page, take_page
from local.databricks.new_run import NewRuns
from local.databricks.run_book import RunBook
from local.databricks.submission import check_settings, check_token
from local.databricks.worker import Worker

_MOST_LISTED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class JobsApi:
    """Each method handles one call, and returns the answer."""

    book: JobBook
    runs: RunBook
    new_runs: NewRuns
    worker: Worker

    def create(self, call: Call) -> dict[str, Any]:
        """Create a job."""
        check_settings(call.parameters)
        settings = {"name": "Untitled", "max_concurrent_runs": 1, **call.parameters}
        job = Job(job_id=self.new_runs.numbers.next(), created_at=now_ms(), settings=settings)
        self.book.save(job)
        return {"job_id": job.job_id}

    def run_now(self, call: Call) -> dict[str, Any]:
        """Run a job; the same token returns the same run, however it ended."""
        token = check_token(call.parameters.get("idempotency_token"))
        known = self.runs.with_token(token)
        if known:
            return {"run_id": known.run_id, "number_in_job": known.number_in_job}
        job = self.book.get(call.number("job_id"))
        settings = for_run(job.settings, call)
        is_full = self._active(job.job_id) >= settings["max_concurrent_runs"]
        run = self.new_runs.of_job(job.job_id, settings, check_settings(settings), token)
        if is_full and not _may_queue(settings, call):
            self.worker.end_unstarted(run.run_id, TOO_MANY_RUNS)
        self.worker.start_next()
        return {"run_id": run.run_id, "number_in_job": run.number_in_job}

    def get(self, call: Call) -> dict[str, Any]:
        """Describe a job."""
        return _document(self.book.get(call.number("job_id")), is_whole=True)

    def list(self, call: Call) -> dict[str, Any]:
        """List jobs, the newest first."""
        name = call.text("name").lower()
        found = [job for job in self.book if name in ("", job.settings["name"].lower())]
        page, token = take_page(found, read_page(call, _MOST_LISTED))
        answer: dict[str, Any] = {"has_more": bool(token)}
        if page:
            is_whole = call.flag("expand_tasks")
            answer["jobs"] = [_document(job, is_whole=is_whole) for job in page]
        return {**answer, "next_page_token": token} if token else answer

    def update(self, call: Call) -> dict[str, Any]:
        """Change some settings of a job."""
        job = self.book.get(call.number("job_id"))
        new = _object(call, "new_settings")
        removed = call.parameters.get("fields_to_remove", [])
        return self._keep(job, updated(job.settings, new, removed))

    def reset(self, call: Call) -> dict[str, Any]:
        """Replace all settings of a job."""
        job = self.book.get(call.number("job_id"))
        settings = _object(call, "new_settings")
        return self._keep(job, {"name": "Untitled", "max_concurrent_runs": 1, **settings})

    def delete(self, call: Call) -> dict[str, Any]:
        """Delete a job; its runs stay."""
        self.book.delete(call.number("job_id"))
        return {}

    def _keep(self, job: Job, settings: dict[str, Any]) -> dict[str, Any]:
        check_settings(settings)
        self.book.save(replace(job, settings=settings))
        return {}

    def _active(self, job_id: int) -> int:
        return sum(run.job_id == job_id and run.is_active for run in self.runs)


def _may_queue(settings: dict[str, Any], call: Call) -> bool:
    queue = call.parameters.get("queue") or settings.get("queue") or {}
    return bool(queue.get("enabled"))


def _object(call: Call, name: str) -> dict[str, Any]:
    value = call.parameters.get(name, {})
    if not isinstance(value, dict):
        raise JobsError(invalid(f"{name} must be an object"))
    return value


def _document(job: Job, *, is_whole: bool) -> dict[str, Any]:
    shown = {
        name: value
        for name, value in job.settings.items()
        if is_whole or name not in ("tasks", "job_clusters")
    }
    return {
        "job_id": job.job_id,
        "creator_user_name": USER,
        "run_as_user_name": USER,
        "created_time": job.created_at,
        "settings": {**shown, "format": "MULTI_TASK"},
    }
