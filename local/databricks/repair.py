"""Gives a run that has ended a second life, for some of its tasks."""

from dataclasses import replace

from local.databricks.call import Call
from local.databricks.errors import JobsError, bad_state, invalid, not_done
from local.databricks.numbers import Numbers
from local.databricks.run import Attempt, Repair, Run

_DONE = frozenset(
    (
        "run_id",
        "latest_repair_id",
        "rerun_all_failed_tasks",
        "rerun_dependent_tasks",
        "rerun_tasks",
    )
)


def repaired(run: Run, call: Call, numbers: Numbers, now: int) -> Run:
    """Queue the run again with new attempts at the tasks that the call names."""
    _check(run, call)
    keys = _chosen(run, call)
    if call.flag("rerun_dependent_tasks"):
        keys = _with_dependents(run, keys)
    attempts = tuple(_again(run.latest(key), numbers) for key in keys)
    repair = Repair(
        repair_id=numbers.next(),
        started_at=now,
        attempts=tuple(attempt.run_id for attempt in attempts),
    )
    return replace(
        run,
        attempts=(*run.attempts, *attempts),
        repairs=(*run.repairs, repair),
        queued_at=now,
        taken_at=None,
        ended_at=None,
        ending=None,
    )


def _check(run: Run, call: Call) -> None:
    unknown = sorted(name for name in call.parameters if name not in _DONE)
    if unknown:
        raise JobsError(not_done(f"{unknown[0]!r} in a repair"))
    if run.is_active:
        raise JobsError(bad_state(f"Run {run.run_id} is active and cannot be repaired"))
    last = run.repairs[-1].repair_id if run.repairs else None
    if call.optional_number("latest_repair_id") != last:
        raise JobsError(invalid(f"latest_repair_id must be {last}: it is that of the last repair"))


def _chosen(run: Run, call: Call) -> list[str]:
    named = call.parameters.get("rerun_tasks", [])
    if bool(named) == call.flag("rerun_all_failed_tasks"):
        raise JobsError(invalid("Exactly one of rerun_tasks and rerun_all_failed_tasks is needed"))
    failed = [task.key for task in run.tasks if not _succeeded(run, task.key)]
    unknown = [key for key in named if all(task.key != key for task in run.tasks)]
    if unknown:
        raise JobsError(invalid(f"Run {run.run_id} has no task {unknown[0]}"))
    chosen = [task.key for task in run.tasks if task.key in (named or failed)]
    if not chosen:
        raise JobsError(invalid(f"Run {run.run_id} has no failed task to repair"))
    return chosen


def _succeeded(run: Run, key: str) -> bool:
    ending = run.latest(key).ending
    return ending is not None and ending.succeeded


def _with_dependents(run: Run, keys: list[str]) -> list[str]:
    found = {*keys}
    for task in run.tasks:  # each comes after those it depends on
        if found & {*task.depends_on}:
            found.add(task.key)
    return [task.key for task in run.tasks if task.key in found]


def _again(last: Attempt, numbers: Numbers) -> Attempt:
    return Attempt(run_id=numbers.next(), task_key=last.task_key, number=last.number + 1)
