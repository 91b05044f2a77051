"""Checks submissions: refuses what the service refuses, and what the runner does not support."""

from collections.abc import Mapping
from typing import Any, NoReturn

from local.databricks.errors import JobsError, invalid, not_done
from local.databricks.task import Task, read_tasks
from local.databricks.task_check import check_task

_MOST_TASKS = 100
_TOKEN_CHARACTERS = 64
_NOT_DONE = (
    "continuous",
    "environment_variables",
    "git_source",
    "parameters",
    "run_as",
    "schedule",
    "trigger",
    "triggers",
)


def check_settings(settings: Mapping[str, Any]) -> tuple[Task, ...]:
    """Check a one-time run, or a job's settings; returns the tasks."""
    refused = [name for name in _NOT_DONE if settings.get(name)]
    if refused:
        raise JobsError(not_done(f"{refused[0]!r}"))
    tasks = settings.get("tasks")
    if not isinstance(tasks, list) or not tasks:
        _refuse("Missing required field: tasks")
    if len(tasks) > _MOST_TASKS:
        raise JobsError(not_done(f"more than {_MOST_TASKS} tasks in a run"))
    for name in ("timeout_seconds", "max_concurrent_runs"):
        value = settings.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            _refuse(f"{name} must be a whole number")
    for name in ("environments", "job_clusters"):
        if not isinstance(settings.get(name, []), list):
            _refuse(f"{name} must be a list")
    _check_wheels(settings)
    for task in tasks:
        check_task(task, _keys(settings, "environments", "environment_key"), _clusters(settings))
    return _read(settings, [task["task_key"] for task in tasks])


def check_token(token: object) -> str | None:
    """Check an idempotency token; an empty one means no token."""
    if token is None or token == "":
        return None
    if not isinstance(token, str) or len(token) > _TOKEN_CHARACTERS:
        _refuse(f"The idempotency token must have at most {_TOKEN_CHARACTERS} characters")
    return token


def _check_wheels(settings: Mapping[str, Any]) -> None:
    for environment in settings.get("environments", []):
        if not isinstance(environment, dict) or "environment_key" not in environment:
            _refuse("Missing required field: environment_key")
        for dependency in (environment.get("spec") or {}).get("dependencies", []):
            if not isinstance(dependency, str) or not dependency.endswith(".whl"):
                what = f"dependencies that are not local wheels: {dependency!r}"
                raise JobsError(not_done(what))


def _clusters(settings: Mapping[str, Any]) -> frozenset[str]:
    for cluster in settings.get("job_clusters", []):
        if not isinstance(cluster, dict) or not isinstance(cluster.get("new_cluster"), dict):
            _refuse("Missing required field: new_cluster")
    return _keys(settings, "job_clusters", "job_cluster_key")


def _keys(settings: Mapping[str, Any], field: str, key: str) -> frozenset[str]:
    return frozenset(one.get(key, "") for one in settings.get(field, []))


def _read(settings: Mapping[str, Any], keys: list[str]) -> tuple[Task, ...]:
    if len(set(keys)) < len(keys):
        _refuse("Task keys must be unique within a run")
    for task in settings["tasks"]:
        for one in task.get("depends_on", []):
            if one["task_key"] not in keys:
                _refuse(f"Task {task['task_key']} depends on an unknown task: {one['task_key']}")
    try:
        return read_tasks(settings)
    except ValueError as error:
        raise JobsError(invalid(f"Invalid task dependencies: {error}")) from error


def _refuse(message: str) -> NoReturn:
    raise JobsError(invalid(message))
