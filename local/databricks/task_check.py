"""Checks one task: a Python script on this machine, with compute that the service accepts."""

import re
from collections.abc import Mapping
from typing import Any, NoReturn

from local.databricks.errors import JobsError, invalid, not_done

_KEY = re.compile(r"[A-Za-z0-9_-]{1,100}")
_COMPUTE = ("new_cluster", "existing_cluster_id", "job_cluster_key", "environment_key")
_NOT_DONE = ("compute", "disabled", "environment_variables_key", "gen_ai_compute_task")
_WHOLE_NUMBERS = {"max_retries": -1, "min_retry_interval_millis": 0, "timeout_seconds": 0}


def check_task(task: object, environments: frozenset[str], clusters: frozenset[str]) -> None:
    """Check a task against the environments and clusters that the run defines."""
    if not isinstance(task, dict) or not isinstance(task.get("task_key"), str):
        _refuse("Missing required field: task_key")
    key = task["task_key"]
    if not _KEY.fullmatch(key):
        _refuse(f"Invalid task key {key!r}: 1 to 100 of a-z, A-Z, 0-9, - and _")
    _check_kind(task)
    _check_script(task["spark_python_task"])
    _check_compute(task, environments, clusters)
    _check_dependencies(task)
    _check_libraries(task)
    for name, lowest in _WHOLE_NUMBERS.items():
        value = task.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int) or value < lowest:
            _refuse(f"Task {key}: {name} must be a whole number from {lowest}")


def check_parameters(parameters: object) -> None:
    """Check the parameters of a script."""
    if not isinstance(parameters, list) or not all(isinstance(one, str) for one in parameters):
        _refuse("The parameters of a Python script are a list of strings")


def _check_kind(task: Mapping[str, Any]) -> None:
    others = [name for name in task if name.endswith("_task") and name != "spark_python_task"]
    refused = [*others, *(name for name in _NOT_DONE if task.get(name))]
    if task.get("run_if", "ALL_SUCCESS") != "ALL_SUCCESS":
        refused.append(f"run_if {task['run_if']}")
    if refused:
        raise JobsError(not_done(f"{refused[0]!r}, only spark_python_task"))
    if not isinstance(task.get("spark_python_task"), dict):
        _refuse(f"Task {task['task_key']} does not say what to run: spark_python_task is missing")


def _check_script(script: Mapping[str, Any]) -> None:
    file = script.get("python_file")
    if not isinstance(file, str) or not file:
        _refuse("Missing required field: python_file")
    if script.get("source") == "GIT":
        raise JobsError(not_done("'source' GIT"))
    if not file.startswith(("/", "file:/")):
        what = f"python files elsewhere than on this machine, by absolute path: {file!r}"
        raise JobsError(not_done(what))
    check_parameters(script.get("parameters", []))


def _check_compute(
    task: Mapping[str, Any], environments: frozenset[str], clusters: frozenset[str]
) -> None:
    given = [name for name in _COMPUTE if task.get(name)]
    if len(given) != 1:
        _refuse(f"Task {task['task_key']} must have exactly one of {', '.join(_COMPUTE)}")
    known = {"environment_key": environments, "job_cluster_key": clusters}.get(given[0])
    if known is not None and task[given[0]] not in known:
        _refuse(f"Task {task['task_key']} has an unknown {given[0]}: {task[given[0]]}")
    if given[0] == "new_cluster" and not isinstance(task["new_cluster"], dict):
        _refuse("new_cluster must be an object")


def _check_dependencies(task: Mapping[str, Any]) -> None:
    for one in task.get("depends_on", []):
        if not isinstance(one, dict) or not isinstance(one.get("task_key"), str):
            _refuse("Missing required field: depends_on.task_key")
        if one.get("outcome"):
            raise JobsError(not_done("'outcome' of a dependency"))


def _check_libraries(task: Mapping[str, Any]) -> None:
    for library in task.get("libraries", []):
        if not isinstance(library, dict) or not isinstance(library.get("whl"), str):
            raise JobsError(not_done(f"libraries that are not local wheels: {library!r}"))


def _refuse(message: str) -> NoReturn:
    raise JobsError(invalid(message))
