"""What a run does next. Pure, so a run can continue where a killed runner left it."""

from dataclasses import dataclass

from local.databricks.ending import (
    SUCCEEDED,
    UPSTREAM_CANCELED,
    UPSTREAM_FAILED,
    Ending,
)
from local.databricks.run import Attempt, Run
from local.databricks.task import Task

RETRY_FOREVER = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Start this attempt, not before its time."""

    attempt: Attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Make another attempt after this one."""

    attempt: Attempt
    not_before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """End this attempt without starting it."""

    attempt: Attempt
    ending: Ending


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """End the run."""

    ending: Ending


Step = Start | Retry | Skip | Finish


def next_step(run: Run) -> Step:
    """Decide the next step; each task comes after its dependencies, one at a time."""
    for task in run.tasks:
        step = _next_of_task(run, task)
        if step:
            return step
    return Finish(ending=run.stopping or _ending(run))


def _next_of_task(run: Run, task: Task) -> Step | None:
    attempt = run.latest(task.key)
    if attempt.ending is None:
        upstream = [run.latest(key).ending for key in task.depends_on]
        ending = run.stopping or _blocked([one for one in upstream if one])
        return Skip(attempt=attempt, ending=ending) if ending else Start(attempt=attempt)
    if run.stopping is None and _may_retry(task, attempt):
        not_before = (attempt.started_at or 0) + task.min_retry_interval_ms
        return Retry(attempt=attempt, not_before=not_before)
    return None


def _may_retry(task: Task, attempt: Attempt) -> bool:
    assert attempt.ending is not None, "only what has ended is tried again"
    result = attempt.ending.result_state
    is_worth_it = result == "FAILED" or (result == "TIMEDOUT" and task.retry_on_timeout)
    return is_worth_it and (task.max_retries == RETRY_FOREVER or attempt.number < task.max_retries)


def _blocked(upstream: list[Ending]) -> Ending | None:
    if any(ending.result_state in ("CANCELED", "UPSTREAM_CANCELED") for ending in upstream):
        return UPSTREAM_CANCELED
    return None if all(ending.succeeded for ending in upstream) else UPSTREAM_FAILED


def _ending(run: Run) -> Ending:
    """Combine the tasks' endings: the first that did not succeed is the run's reason."""
    endings = [(task.key, run.latest(task.key).ending) for task in run.tasks]
    failures = [(key, ending) for key, ending in endings if ending and not ending.succeeded]
    if not failures:
        return SUCCEEDED
    key, reason = failures[0]
    message = f"Task {key} failed with message: {reason.message.removesuffix('.')}."
    if len(failures) > 1:
        message += " This caused all downstream tasks to get skipped."
    return Ending(
        result_state=reason.result_state,
        code=reason.code,
        type=reason.type,
        message=message,
        life_cycle_state=reason.life_cycle_state,
    )
