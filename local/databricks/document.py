"""Runs and their tasks as the API shows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.databricks.ending import Ending
from local.databricks.run import Attempt, Repair, Run

USER = "landfall@localhost"
_STATUS = {"WAITING_FOR_RETRY": "WAITING", "SKIPPED": "TERMINATED", "INTERNAL_ERROR": "TERMINATED"}
_QUEUE_DETAILS = {
    "code": "ACTIVE_RUNS_LIMIT_REACHED",
    "message": "Queued: the Databricks runner runs one run at a time.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """Writes runs for the API; `url` is where their pages are."""

    url: str

    def run(self, run: Run, *, tasks: bool = True, history: bool = False) -> dict[str, Any]:
        """Write a run."""
        state = life_cycle_state(run)
        only = run.attempts[0] if len(run.tasks) == 1 and len(run.attempts) == 1 else None
        document = {
            **self._head(run),
            "run_id": run.run_id,
            "original_attempt_run_id": run.run_id,
            "start_time": run.started_at,
            "end_time": run.ended_at or 0,
            "setup_duration": _setup(only) if only else 0,
            "execution_duration": _execution(only) if only else 0,
            "cleanup_duration": 0,
            "queue_duration": (run.taken_at or run.ended_at or run.queued_at) - run.queued_at,
            "run_duration": (run.ended_at or run.started_at) - run.started_at,
            "run_page_url": f"{self.url}/jobs/{run.job_id}/runs/{run.run_id}",
            "format": "MULTI_TASK",
            **_states(state, run.ending),
        }
        if run.settings.get("job_clusters"):
            document["job_clusters"] = run.settings["job_clusters"]
        if tasks:
            document["tasks"] = [self.task(run, attempt) for attempt in run.attempts]
        if history and run.repairs:
            document["repair_history"] = [_original(run), *map(_repair, run.repairs)]
        return document

    def task(self, run: Run, attempt: Attempt) -> dict[str, Any]:
        """Write one attempt of a task, as it stands among a run's tasks."""
        settings = run.task(attempt.task_key).settings
        started_at = attempt.started_at or run.started_at
        return {
            **settings,
            "run_id": attempt.run_id,
            "attempt_number": attempt.number,
            "start_time": started_at,
            "end_time": attempt.ended_at or 0,
            "setup_duration": _setup(attempt),
            "execution_duration": _execution(attempt),
            "cleanup_duration": 0,
            "queue_duration": started_at - run.started_at,
            "run_duration": (attempt.ended_at or started_at) - started_at,
            "run_page_url": f"{self.url}/jobs/{run.job_id}/runs/{attempt.run_id}",
            "cluster_instance": _instance(run, settings),
            **_states(attempt_state(run, attempt), attempt.ending),
        }

    def task_run(self, run: Run, attempt: Attempt) -> dict[str, Any]:
        """Write one attempt of a task as a run of its own."""
        task = self.task(run, attempt)
        return {
            **self._head(run),
            **{name: task[name] for name in task if name not in attempt_settings(run, attempt)},
            "job_run_id": run.run_id,
            "original_attempt_run_id": run.attempts[0].run_id,
            "run_name": attempt.task_key,
            "tasks": [task],
            "format": "MULTI_TASK",
        }

    def _head(self, run: Run) -> dict[str, Any]:
        return {
            "job_id": run.job_id,
            "run_name": run.name,
            "run_type": run.run_type,
            "number_in_job": run.number_in_job,
            "creator_user_name": USER,
            "trigger": "ONE_TIME",
            "cluster_spec": _cluster_spec(run),
        }


def attempt_settings(run: Run, attempt: Attempt) -> Mapping[str, Any]:
    """Give what was submitted for an attempt's task."""
    return run.task(attempt.task_key).settings


def life_cycle_state(run: Run) -> str:
    """Say where in its life a run is."""
    if run.ending:
        return run.ending.life_cycle_state
    if run.is_queued:
        return "QUEUED"
    if run.stopping:
        return "TERMINATING"
    has_begun = any(attempt.script_started_at for attempt in run.attempts)
    return "RUNNING" if has_begun else "PENDING"


def attempt_state(run: Run, attempt: Attempt) -> str:
    """Say where in its life an attempt is."""
    if attempt.ending:
        return attempt.ending.life_cycle_state
    if run.is_queued:
        return "QUEUED"
    if attempt.started_at is None:
        return _waiting_state(run, attempt)
    if run.stopping:
        return "TERMINATING"
    return "RUNNING" if attempt.script_started_at else "PENDING"


def _waiting_state(run: Run, attempt: Attempt) -> str:
    if attempt.retry:
        return "WAITING_FOR_RETRY"
    upstream = run.task(attempt.task_key).depends_on
    is_blocked = any(run.latest(key).ending is None for key in upstream)
    return "BLOCKED" if is_blocked else "PENDING"


def _states(state: str, ending: Ending | None) -> dict[str, Any]:
    """Write the state twice: the old way, that the SDK's waiter reads, and the new."""
    old: dict[str, Any] = {"life_cycle_state": state, "state_message": ""}
    new: dict[str, Any] = {"state": _STATUS.get(state, state)}
    if ending:
        old |= {"result_state": ending.result_state, "state_message": ending.message}
        details = {"code": ending.code, "type": ending.type, "message": ending.message}
        new["termination_details"] = details
    if state == "QUEUED":
        old |= {"queue_reason": _QUEUE_DETAILS["message"]}
        new["queue_details"] = _QUEUE_DETAILS
    old["user_cancelled_or_timedout"] = bool(ending and ending.was_stopped)
    return {"state": old, "status": new}


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


def _instance(run: Run, settings: Mapping[str, Any]) -> dict[str, str]:
    cluster = settings.get("existing_cluster_id", f"local-{run.run_id}")
    return {"cluster_id": cluster, "spark_context_id": str(run.run_id)}


def _original(run: Run) -> dict[str, Any]:
    repaired = {one for repair in run.repairs for one in repair.attempts}
    first = [attempt for attempt in run.attempts if attempt.run_id not in repaired]
    return {
        "type": "ORIGINAL",
        "start_time": run.started_at,
        "end_time": max(attempt.ended_at or 0 for attempt in first),
        "task_run_ids": [attempt.run_id for attempt in first],
    }


def _repair(repair: Repair) -> dict[str, Any]:
    return {
        "type": "REPAIR",
        "id": repair.repair_id,
        "start_time": repair.started_at,
        "end_time": repair.ended_at or 0,
        "task_run_ids": [*repair.attempts],
        **_states(repair.ending.life_cycle_state if repair.ending else "RUNNING", repair.ending),
    }
