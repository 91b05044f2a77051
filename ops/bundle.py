"""The check of the bundle in jobs/databricks.yml, without the CLI and without a workspace."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from ops.bundle_job import VARIABLE, Surroundings, check_job
from ops.script_options import ScriptOptions, read_scripts
from shared.errors import MisconfiguredError
from shared.settings import DatabricksSettings, read_settings

# Any other field would go unchecked, and could change a job, or where the files go.
FIELDS: Mapping[str, set[str]] = {
    "": {
        *("bundle", "variables", "workspace", "experimental", "artifacts", "targets", "resources"),
        *("permissions", "presets", "run_as"),
    },
    "resources": {"jobs"},
    "targets": {"dev", "prod"},
    "targets.dev": {"mode", "default", "workspace", "variables", "permissions", "presets"},
    "targets.prod": {"mode", "workspace", "variables", "permissions", "presets", "run_as"},
}
TARGETS: Mapping[str, Mapping[str, object]] = {
    "targets.dev": {"mode": "development", "default": True},
    "targets.prod": {"mode": "production"},
}
WITH_DEFAULTS = ("SPARK_VERSION", "NODE_TYPE", "WORKERS")


def check_bundle(file: Path, sample: Path) -> tuple[str, ...]:
    """Check a bundle against the scripts beside it and the service's settings.

    Returns its jobs' names; raises MisconfiguredError, naming each field at fault.
    """
    document = parse_bundle(file)
    scripts = read_scripts(file.parent, _named(document, "resources.", ".python_file"))
    problems = list(find_problems(document, scripts, read_service(sample)))
    if problems:
        message = "; ".join(f"{file}: {problem}" for problem in problems)
        raise MisconfiguredError(message, hint="mend the bundle's file")
    return tuple(document["resources"]["jobs"])


def parse_bundle(file: Path) -> Mapping[str, Any]:
    """Read a bundle; raises MisconfiguredError if it is not a YAML mapping."""
    try:
        document = yaml.safe_load(file.read_bytes())
    except OSError as error:
        message = f"{file}: cannot be read: {error.strerror}"
        raise MisconfiguredError(message, hint="run it in the repository") from error
    except yaml.YAMLError as error:
        message = f"{file}: no valid YAML: {error}"
        raise MisconfiguredError(message, hint="mend the bundle's file") from error
    if not isinstance(document, dict):
        message = f"{file}: no mapping"
        raise MisconfiguredError(message, hint="mend the bundle's file")
    return document


def read_service(sample: Path) -> DatabricksSettings:
    """Read the service's settings as its sample has them, and the defaults of its clusters."""
    values = dict(json.loads(sample.read_text())["Values"])
    for name in WITH_DEFAULTS:
        values.pop(f"LANDFALL_DATABRICKS_{name}", None)
    settings = read_settings({**values, "LANDFALL_DATABRICKS_HOST": "https://workspace"})
    if settings.databricks is None:
        message = "the service's settings have no Databricks"
        raise MisconfiguredError(message, hint=f"see {sample}")
    return settings.databricks


def find_problems(
    document: Mapping[str, Any], scripts: Mapping[str, ScriptOptions], service: DatabricksSettings
) -> Iterator[str]:
    """Find everything that is wrong with a bundle, each problem with its field."""
    for field, known in FIELDS.items():
        for name in sorted(_at(document, field).keys() - known, key=str):
            yield f"{field}.{name}".lstrip(".") + ": is no field that this check knows"
    yield from _check_references(document)
    yield from _check_targets(document, service)
    around = _look_around(document, scripts, service)
    jobs = _at(document, "resources.jobs")
    if not jobs:
        yield "resources.jobs: there are none"
    for name, job in jobs.items():
        yield from check_job(f"resources.jobs.{name}", job, around)


def _look_around(
    document: Mapping[str, Any], scripts: Mapping[str, ScriptOptions], service: DatabricksSettings
) -> Surroundings:
    variables = _at(document, "variables")
    return Surroundings(
        scripts=scripts,
        defaults={
            name: variable["default"]
            for name, variable in variables.items()
            if isinstance(variable, dict) and "default" in variable
        },
        wheels=_named(document, "artifacts.", ".source"),
        cluster={
            "spark_version": service.spark_version,
            "node_type_id": service.node_type,
            "num_workers": service.workers,
        },
    )


def _named(document: Mapping[str, Any], above: str, name: str) -> frozenset[str]:
    """Every value of one name below a field."""
    found = _walk("", document)
    return frozenset(
        str(v) for field, v in found if field.startswith(above) if field.endswith(name)
    )


def _check_references(document: Mapping[str, Any]) -> Iterator[str]:
    declared = _at(document, "variables").keys()
    for field, value in _walk("", document):
        for name in VARIABLE.findall(str(value)):
            if name not in declared:
                yield f"{field}: {name} is none of the variables"


def _check_targets(document: Mapping[str, Any], service: DatabricksSettings) -> Iterator[str]:
    for field, expected in TARGETS.items():
        for name, value in expected.items():
            found = _at(document, field).get(name)
            if found != value:
                yield f"{field}.{name}: is {found}, not {value}"
    root = _at(document, "targets.prod.workspace").get("root_path")
    files = str(_at(document, "workspace").get("file_path"))
    if files.replace("${workspace.root_path}", str(root)) != service.jobs_root:
        yield (
            f"workspace.file_path: is {files} with prod's root_path {root},"
            f" the service's LANDFALL_JOBS_ROOT is {service.jobs_root}"
        )


def _at(document: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    """Get a mapping by its dotted field; empty where there is none."""
    value: Any = document
    for name in filter(None, field.split(".")):
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _walk(field: str, value: Any) -> Iterator[tuple[str, Any]]:
    """List every value that is neither a mapping nor a list, with its field."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _walk(f"{field}.{name}".lstrip("."), inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _walk(f"{field}[{number}]", inner)
    else:
        yield field, value
