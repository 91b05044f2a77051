"""How a job's settings change, and which settings one run of it gets."""

from collections.abc import Mapping, Sequence
from typing import Any

from local.databricks.call import Call
from local.databricks.errors import JobsError, invalid, not_done
from local.databricks.task_check import check_parameters

_KEYS = {
    "tasks": "task_key",
    "job_clusters": "job_cluster_key",
    "environments": "environment_key",
}
_RUN_NOW = frozenset(("job_id", "idempotency_token", "python_params", "queue"))
_NOT_FOR_SCRIPTS = frozenset(("performance_target",))


def updated(settings: Mapping[str, Any], new: Mapping[str, Any], removed: object) -> dict[str, Any]:
    """Replace fields; in lists with keys, replace only the entries with the same key."""
    changed = {**settings}
    wrong = [name for name in _KEYS if not isinstance(new.get(name, []), list)]
    if wrong or not isinstance(removed, list):
        raise JobsError(invalid(f"{[*wrong, 'fields_to_remove'][0]} must be a list"))
    for path in removed:
        _remove(changed, path)
    for name, value in new.items():
        key = _KEYS.get(name)
        changed[name] = _merged(changed.get(name, []), value, key) if key else value
    return changed


def for_run(settings: Mapping[str, Any], call: Call) -> dict[str, Any]:
    """Return the settings of one run: the job's, with the parameters of the call."""
    unknown = sorted(call.parameters.keys() - _RUN_NOW - _NOT_FOR_SCRIPTS)
    if unknown:
        raise JobsError(not_done(f"{unknown[0]!r} in run-now"))
    parameters = call.parameters.get("python_params")
    if parameters is None:
        return {**settings}
    check_parameters(parameters)
    tasks = [
        {**task, "spark_python_task": {**task["spark_python_task"], "parameters": parameters}}
        for task in settings["tasks"]
    ]
    return {**settings, "tasks": tasks}


def _remove(settings: dict[str, Any], path: str) -> None:
    name, _, entry = path.partition("/")
    if not entry:
        settings.pop(name, None)
        return
    if name not in _KEYS:
        raise JobsError(invalid(f"fields_to_remove cannot remove {path}"))
    settings[name] = [one for one in settings.get(name, []) if one[_KEYS[name]] != entry]


def _merged(old: Sequence[Any], new: Sequence[Any], key: str) -> list[Any]:
    by_key = {one.get(key): one for one in [*old, *new]}
    return [*by_key.values()]
