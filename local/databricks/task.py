"""A task as it was submitted, read once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What to run, on which new cluster, when, how often and how long; `settings` has all of it."""

    key: str
    python_file: str
    parameters: tuple[str, ...]
    depends_on: tuple[str, ...]
    wheels: tuple[str, ...]
    max_retries: int
    retry_on_timeout: bool
    min_retry_interval_ms: int
    timeout_seconds: int
    cluster: Mapping[str, Any]
    settings: Mapping[str, Any]

    @property
    def script(self) -> str:
        """The script's path on this machine."""
        return local_path(self.python_file)


def local_path(location: str) -> str:
    """Read an absolute path or a `file:` URI."""
    return unquote(urlsplit(location).path) if location.startswith("file:") else location


def read_tasks(settings: Mapping[str, Any]) -> tuple[Task, ...]:
    """Read the tasks of accepted settings, each after its dependencies."""
    environments = {
        one["environment_key"]: one.get("spec", {}).get("dependencies", [])
        for one in settings.get("environments", [])
    }
    clusters = {
        one["job_cluster_key"]: one["new_cluster"] for one in settings.get("job_clusters", [])
    }
    return _in_order([_read(one, environments, clusters) for one in settings["tasks"]])


def _read(
    task: Mapping[str, Any],
    environments: Mapping[str, Sequence[str]],
    clusters: Mapping[str, Mapping[str, Any]],
) -> Task:
    script = task["spark_python_task"]
    wheels = [one["whl"] for one in task.get("libraries", [])]
    wheels += environments.get(task.get("environment_key", ""), [])
    return Task(
        key=task["task_key"],
        python_file=script["python_file"],
        parameters=tuple(script.get("parameters", [])),
        depends_on=tuple(one["task_key"] for one in task.get("depends_on", [])),
        wheels=tuple(local_path(wheel) for wheel in wheels),
        max_retries=task.get("max_retries", 0),
        retry_on_timeout=task.get("retry_on_timeout", False),
        min_retry_interval_ms=task.get("min_retry_interval_millis", 0),
        timeout_seconds=task.get("timeout_seconds", 0),
        cluster=task.get("new_cluster") or clusters.get(task.get("job_cluster_key", ""), {}),
        settings=task,
    )


def _in_order(tasks: Sequence[Task]) -> tuple[Task, ...]:
    ordered: dict[str, Task] = {}
    while len(ordered) < len(tasks):
        ready = [
            task
            for task in tasks
            if task.key not in ordered and ordered.keys() >= {*task.depends_on}
        ]
        if not ready:
            message = "the tasks depend on each other in a circle"
            raise ValueError(message)
        ordered |= {task.key: task for task in ready}
    return tuple(ordered.values())
