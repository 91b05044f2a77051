"""The life cycle state of a run and of its attempts, as the API shows it."""

from typing import Any

from local.databricks.ending import Ending
from local.databricks.run import Attempt, Run

_STATUS = {"WAITING_FOR_RETRY": "WAITING", "SKIPPED": "TERMINATED", "INTERNAL_ERROR": "TERMINATED"}
_QUEUE_DETAILS = {
    "code": "ACTIVE_RUNS_LIMIT_REACHED",
    "message": "Queued: the Databricks runner runs one run at a time.",
}


def life_cycle_state(run: Run) -> str:
    """Return a run's life cycle state."""
    if run.ending:
        return run.ending.life_cycle_state
    if run.is_queued:
        return "QUEUED"
    if run.stopping:
        return "TERMINATING"
    has_begun = any(attempt.script_started_at for attempt in run.attempts)
    return "RUNNING" if has_begun else "PENDING"


def attempt_state(run: Run, attempt: Attempt) -> str:
    """Return an attempt's life cycle state."""
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
    if attempt.number:
        return "WAITING_FOR_RETRY"
    upstream = run.task(attempt.task_key).depends_on
    is_blocked = any(run.latest(key).ending is None for key in upstream)
    return "BLOCKED" if is_blocked else "PENDING"


def show_state(state: str, ending: Ending | None) -> dict[str, Any]:
    """Write the state in both forms: the old one, which the SDK's waiter reads, and the new."""
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
