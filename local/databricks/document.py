"""Runs and their tasks as the API shows them."""

from dataclasses import dataclass
from typing import Any

from local.databricks.run import Attempt, Run
from local.databricks.states import attempt_state, life_cycle_state, show_state

USER = "landfall@localhost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """Writes runs for the API; `url` is where their pages are."""

    url: str

    def run(self, run: Run, *, tasks: bool = True) -> dict[str, Any]:
        """Write a run."""
        state = life_cycle_state(run)
        only = run.attempts[0] if len(run.tasks) == 1 and len(run.attempts) == 1 else None
        document = {
            **self._head(run),
            "run_id": run.run_id,
            "start_time": run.started_at,
            "end_time": run.ended_at or 0,
            "setup_duration": _setup(only) if only else 0,
            "execution_duration": _execution(only) if only else 0,
            "cleanup_duration": 0,
            "queue_duration": _queued(run),
            "run_duration": (run.ended_at or run.started_at) - run.started_at,
            "run_page_url": f"{self.url}/jobs/{run.job_id}/runs/{run.run_id}",
            **show_state(state, run.ending),
        }
        if run.settings.get("job_clusters"):
            document["job_clusters"] = run.settings["job_clusters"]
        if tasks:
            document["tasks"] = [self.task(run, attempt) for attempt in run.attempts]
        return document

    def task(self, run: Run, attempt: Attempt) -> dict[str, Any]:
        """Write one attempt of a task as an entry in its run's task list."""
        return {**run.task(attempt.task_key).settings, **self._attempt(run, attempt)}

    def task_run(self, run: Run, attempt: Attempt) -> dict[str, Any]:
        """Write one attempt of a task as a run of its own."""
        return {
            **self._head(run),
            **self._attempt(run, attempt),
            "job_run_id": run.run_id,
            "run_name": attempt.task_key,
            "tasks": [self.task(run, attempt)],
        }

    def _attempt(self, run: Run, attempt: Attempt) -> dict[str, Any]:
        started_at = attempt.started_at or run.started_at
        return {
            "run_id": attempt.run_id,
            "attempt_number": attempt.number,
            "start_time": started_at,
            "end_time": attempt.ended_at or 0,
            "setup_duration": _setup(attempt),
            "execution_duration": _execution(attempt),
            "cleanup_duration": 0,
            "queue_duration": _queued(run),
            "run_duration": (attempt.ended_at or started_at) - started_at,
            "run_page_url": f"{self.url}/jobs/{run.job_id}/runs/{attempt.run_id}",
            "cluster_instance": _instance(run, attempt),
            **show_state(attempt_state(run, attempt), attempt.ending),
        }

    def _head(self, run: Run) -> dict[str, Any]:
        return {
            "job_id": run.job_id,
            "run_name": run.name,
            "run_type": run.run_type,
            "number_in_job": run.number_in_job,
            "creator_user_name": USER,
            "trigger": "ONE_TIME",
            "format": "MULTI_TASK",
            "original_attempt_run_id": run.run_id,
            "cluster_spec": _cluster_spec(run),
        }


def _queued(run: Run) -> int:
    return (run.taken_at or run.ended_at or run.started_at) - run.started_at


def _setup(attempt: Attempt) -> int:
    if attempt.started_at is None or attempt.script_started_at is None:
        return 0
    return attempt.script_started_at - attempt.started_at


def _execution(attempt: Attempt) -> int:
    if attempt.script_started_at is None or attempt.ended_at is None:
        return 0
    return attempt.ended_at - attempt.script_started_at


def _cluster_spec(run: Run) -> dict[str, Any]:
    names = ("new_cluster", "existing_cluster_id", "libraries")
    return {name: run.tasks[0].settings[name] for name in names if name in run.tasks[0].settings}


def _instance(run: Run, attempt: Attempt) -> dict[str, str]:
    cluster = run.task(attempt.task_key).settings.get("existing_cluster_id", f"local-{run.run_id}")
    return {"cluster_id": cluster, "spark_context_id": str(run.run_id)}
