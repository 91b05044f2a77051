"""The check of one job of the bundle, beyond what databricks-bundles checks of it. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from databricks.bundles.jobs import Job

from ops.script_options import ScriptOptions

JOB_PARAMETER = re.compile(r"\{\{\s*job\.parameters\.([^\s}]*)\s*\}\}")
VARIABLE = re.compile(r"\$\{var\.([^}]*)\}")
SPOT = {
    "availability": "SPOT_WITH_FALLBACK_AZURE",
    "first_on_demand": 1,
    "spot_bid_max_price": -1,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a job is checked against: the files beside the bundle, its other parts, the service.

    `defaults` are those of the bundle's variables, `wheels` what it builds, `cluster` what the
    service asks for by default.
    """

    scripts: Mapping[str, ScriptOptions]
    defaults: Mapping[str, object]
    wheels: frozenset[str]
    cluster: Mapping[str, object]


def check_job(field: str, job: Any, around: Surroundings) -> Iterator[str]:
    """Find what is wrong with a job, each problem with its field; nothing for a good one."""
    filled = _fill_in(job, around.defaults)
    try:
        read = Job.from_dict(filled).as_dict()
    except (TypeError, ValueError) as error:
        yield f"{field}: {error}"
        return
    misread = list(_find_misread(field, filled, read))
    yield from misread or _check_tasks(field, filled, around)


def _fill_in(value: Any, defaults: Mapping[str, Any]) -> Any:
    """Put a variable's default wherever the variable is the whole value."""
    if isinstance(value, dict):
        return {name: _fill_in(inner, defaults) for name, inner in value.items()}
    if isinstance(value, list):
        return [_fill_in(inner, defaults) for inner in value]
    variable = VARIABLE.fullmatch(value) if isinstance(value, str) else None
    return defaults.get(variable[1], value) if variable else value


def _find_misread(field: str, given: Any, read: Any) -> Iterator[str]:
    """Find values of another type than the field's, which the package converts silently."""
    if isinstance(given, dict) and isinstance(read, dict):
        for name, value in given.items():
            yield from _find_misread(f"{field}.{name}", value, read.get(name))
    elif isinstance(given, list) and isinstance(read, list) and len(given) == len(read):
        for number, value in enumerate(given):
            yield from _find_misread(f"{field}[{number}]", value, read[number])
    elif given != read or isinstance(given, bool) != isinstance(read, bool):
        yield f"{field}: {given!r} is of the wrong type, it would be read as {read!r}"


def _check_tasks(field: str, job: Mapping[str, Any], around: Surroundings) -> Iterator[str]:
    declared = {parameter["name"] for parameter in _mappings(job.get("parameters"))}
    used: set[str] = set()
    tasks = _mappings(job.get("tasks"))
    if not tasks:
        yield f"{field}.tasks: there are none"
    for number, task in enumerate(tasks):
        place = f"{field}.tasks[{number}]"
        references = set(JOB_PARAMETER.findall(" ".join(_parameters(task))))
        for name in sorted(references - declared):
            yield f"{place}.spark_python_task.parameters: {name} is no parameter of the job"
        yield from _check_script(f"{place}.spark_python_task", task, around.scripts)
        yield from _check_cluster(f"{place}.new_cluster", task, around.cluster)
        if not around.wheels & {library.get("whl") for library in _mappings(task.get("libraries"))}:
            yield f"{place}.libraries: none is a wheel that the bundle builds"
        used |= references
    for name in sorted(declared - used):
        yield f"{field}.parameters: {name} reaches no task"


def _check_script(
    field: str, task: Mapping[str, Any], scripts: Mapping[str, ScriptOptions]
) -> Iterator[str]:
    file = _mapping(task.get("spark_python_task")).get("python_file")
    options = scripts.get(str(file))
    if options is None:
        yield f"{field}.python_file: there is no file {file} beside the bundle"
        return
    passed = {text.partition("=")[0] for text in _parameters(task) if text.startswith("--")}
    for name in sorted(passed - options.known):
        yield f"{field}.parameters: {file} does not know {name}"
    for name in sorted(options.required - passed):
        yield f"{field}.parameters: {file} requires {name}"


def _check_cluster(
    field: str, task: Mapping[str, Any], expected: Mapping[str, object]
) -> Iterator[str]:
    cluster = _mapping(task.get("new_cluster"))
    spot = _mapping(cluster.get("azure_attributes"))
    for name, value in SPOT.items():
        if spot.get(name) != value:
            yield f"{field}.azure_attributes.{name}: is {spot.get(name)}, the service asks {value}"
    for name, value in expected.items():
        if cluster.get(name) != value:
            yield f"{field}.{name}: is {cluster.get(name)}, the service's default is {value}"


def _parameters(task: Mapping[str, Any]) -> list[str]:
    parameters = _mapping(task.get("spark_python_task")).get("parameters")
    return parameters if isinstance(parameters, list) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    """The value, unless it is missing or a variable without a default."""
    return value if isinstance(value, dict) else {}


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [inner for inner in value if isinstance(inner, dict)] if isinstance(value, list) else []
