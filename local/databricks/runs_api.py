"""The calls about runs: submit, get, get-output, list and cancel."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from local.databricks.call import Call
from local.databricks.document import Documents
from local.databricks.errors import OUTPUT_OF_WHOLE_RUN, JobsError, invalid, not_done
from local.databricks.execution import Execution
from local.databricks.listing import read_page, take_page
from local.databricks.logs import read_log
from local.databricks.new_run import NewRuns
from local.databricks.run import Run
from local.databricks.run_book import RunBook
from local.databricks.submission import check_settings, check_token
from local.databricks.worker import Worker

_MOST_LISTED = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsApi:
    """Each method handles one call, and returns the answer."""

    book: RunBook
    new_runs: NewRuns
    worker: Worker
    execution: Execution
    documents: Documents

    def submit(self, call: Call) -> dict[str, Any]:
        """Run tasks once; the same token returns the same run, however it ended."""
        token = check_token(call.parameters.get("idempotency_token"))
        known = self.book.with_token(token)
        if known:
            return {"run_id": known.run_id}
        settings = {
            name: value
            for name, value in call.parameters.items()
            if name not in ("idempotency_token", "run_name")
        }
        tasks = check_settings(settings)
        name = call.text("run_name") or "Untitled"
        run = self.new_runs.submitted(name, settings, tasks, token)
        self.worker.start_next()
        return {"run_id": run.run_id}

    def get(self, call: Call) -> dict[str, Any]:
        """Describe a run, or one attempt of a task."""
        run_id = call.number("run_id")
        run = self.book.owner(run_id)
        if run.run_id != run_id:
            return self.documents.task_run(run, run.attempt(run_id))
        return self.documents.run(run)

    def get_output(self, call: Call) -> dict[str, Any]:
        """Return an attempt's output, and its error if it failed."""
        run_id = call.number("run_id")
        run = self.book.owner(run_id)
        if run.run_id == run_id:
            raise JobsError(OUTPUT_OF_WHOLE_RUN)
        attempt = run.attempt(run_id)
        logs, is_truncated = read_log(self.execution.log(run_id))
        output: dict[str, Any] = {"metadata": self.documents.task_run(run, attempt)}
        output |= {"logs": logs, "logs_truncated": is_truncated}
        if attempt.error is not None:
            output["error"] = attempt.error
        if attempt.error_trace is not None:
            output["error_trace"] = attempt.error_trace
        return output

    def list(self, call: Call) -> dict[str, Any]:
        """List runs, the newest first."""
        page, token = take_page(self._found(call), read_page(call, _MOST_LISTED))
        tasks = call.flag("expand_tasks")
        answer: dict[str, Any] = {"has_more": bool(token)}
        if page:
            answer["runs"] = [self.documents.run(run, tasks=tasks) for run in page]
        return {**answer, "next_page_token": token} if token else answer

    def cancel(self, call: Call) -> dict[str, Any]:
        """Cancel a run; a run that has ended does not change."""
        run_id = call.number("run_id")
        run = self.book.owner(run_id)
        if run.run_id != run_id and len(run.tasks) > 1:
            raise JobsError(not_done("canceling one of several tasks"))
        self.worker.stop_run(run.run_id)
        return {}

    def _found(self, call: Call) -> Sequence[Run]:
        active, completed = call.flag("active_only"), call.flag("completed_only")
        if active and completed:
            raise JobsError(invalid("active_only and completed_only cannot both be true"))
        earliest = call.optional_number("start_time_from") or 0
        latest = call.optional_number("start_time_to")
        return [
            run
            for run in self.book
            if call.optional_number("job_id") in (None, run.job_id)
            and call.text("run_type") in ("", run.run_type)
            and not (active and not run.is_active)
            and not (completed and run.is_active)
            and run.started_at >= earliest
            and (latest is None or run.started_at <= latest)
        ]
