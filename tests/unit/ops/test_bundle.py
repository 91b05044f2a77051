import shutil
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from ops.__main__ import main
from ops.bundle import find_problems, parse_bundle, read_service
from ops.script_options import ScriptOptions, parse_usage
from shared.errors import MisconfiguredError
from tests.root import ROOT

REAL = ROOT / "jobs" / "databricks.yml"
SAMPLE = ROOT / "local.settings.sample.json"
JOB = "resources.jobs.landfall_gold"
TASK = f"{JOB}.tasks[0]"
PYTHON_TASK = f"{TASK}.spark_python_task"
CLUSTER = f"{TASK}.new_cluster"
GOLD = ScriptOptions(
    known=frozenset({"--contract", "--lake", "--help"}),
    required=frozenset({"--contract", "--lake"}),
)
USAGE = """usage: window.py [-h] --manifest MANIFEST [--dry-run]
                 [--rows [ROWS]] --uploaded-at UPLOADED_AT

It is not --this.
"""


@pytest.fixture
def document() -> dict[str, Any]:
    """The real bundle with one of its jobs."""
    real = deepcopy(dict(parse_bundle(REAL)))
    real["resources"] = {"jobs": {"landfall_gold": real["resources"]["jobs"]["landfall_gold"]}}
    return real


@pytest.fixture
def job(document: dict[str, Any]) -> dict[str, Any]:
    return document["resources"]["jobs"]["landfall_gold"]


@pytest.fixture
def task(job: dict[str, Any]) -> dict[str, Any]:
    return job["tasks"][0]


def problems(document: dict[str, Any]) -> list[str]:
    return list(find_problems(document, {"gold.py": GOLD}, read_service(SAMPLE)))


def test_the_bundle_of_the_project_is_right(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["bundle", "--file", str(REAL), "--settings", str(SAMPLE)])

    assert code == 0
    assert "landfall_window" in capsys.readouterr().out


def test_an_error_names_the_file_and_the_field(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = shutil.copy(REAL, tmp_path / "databricks.yml")

    code = main(["bundle", "--file", str(alone), "--settings", str(SAMPLE)])

    assert code == 1
    assert (
        f"{alone}: {PYTHON_TASK}.python_file: there is no file gold.py" in capsys.readouterr().err
    )


@pytest.mark.parametrize("text", ["a: [", "- a", ""])
def test_a_file_that_is_no_yaml_mapping_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "databricks.yml"
    file.write_text(text)

    with pytest.raises(MisconfiguredError, match=r"databricks\.yml: no"):
        parse_bundle(file)


def test_a_missing_bundle_is_named(tmp_path: Path) -> None:
    with pytest.raises(MisconfiguredError, match=r"databricks\.yml: cannot be read"):
        parse_bundle(tmp_path / "databricks.yml")


def test_a_job_alone_is_right(document: dict[str, Any]) -> None:
    assert problems(document) == []


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("max_runs", 1, "Unexpected field 'max_runs' for class Job"),
        ("tasks", "gold", "for 'gold'"),
        ("queue", {"enable": True}, "Unexpected field 'enable' for class QueueSettings"),
        ("parameters", [{"name": "lake"}], "required keyword-only argument: 'default'"),
    ],
)
def test_a_field_that_a_job_does_not_have_is_named(
    document: dict[str, Any], job: dict[str, Any], field: str, value: object, problem: str
) -> None:
    job[field] = value

    (found,) = problems(document)

    assert found.startswith(f"{JOB}: ")
    assert problem in found


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", 3), ("max_concurrent_runs", "1"), ("max_concurrent_runs", True)],
)
def test_a_value_of_the_wrong_type_is_named(
    document: dict[str, Any], job: dict[str, Any], field: str, value: object
) -> None:
    job[field] = value

    (found,) = problems(document)

    assert found.startswith(f"{JOB}.{field}: {value!r} is of the wrong type")


def test_a_variables_default_of_the_wrong_type_is_named(document: dict[str, Any]) -> None:
    document["variables"]["workers"]["default"] = "1"

    (found,) = problems(document)

    assert found.startswith(f"{CLUSTER}.num_workers: '1' is of the wrong type")


def test_a_file_that_is_not_there_is_named(document: dict[str, Any], task: dict[str, Any]) -> None:
    task["spark_python_task"]["python_file"] = "golden.py"

    assert problems(document) == [
        f"{PYTHON_TASK}.python_file: there is no file golden.py beside the bundle"
    ]


def test_a_job_parameter_that_is_not_declared_is_named(
    document: dict[str, Any], task: dict[str, Any]
) -> None:
    task["spark_python_task"]["parameters"][0] = "--contract={{ job.parameters.contracts }}"

    assert f"{PYTHON_TASK}.parameters: contracts is no parameter of the job" in problems(document)


def test_a_job_parameter_that_reaches_no_task_is_named(
    document: dict[str, Any], job: dict[str, Any]
) -> None:
    job["parameters"].append({"name": "report", "default": ""})

    assert problems(document) == [f"{JOB}.parameters: report reaches no task"]


def test_an_option_that_the_script_does_not_know_is_named(
    document: dict[str, Any], task: dict[str, Any]
) -> None:
    task["spark_python_task"]["parameters"] += ["--report", "x"]

    assert problems(document) == [f"{PYTHON_TASK}.parameters: gold.py does not know --report"]


def test_an_option_that_the_script_requires_is_named(
    document: dict[str, Any], job: dict[str, Any], task: dict[str, Any]
) -> None:
    del task["spark_python_task"]["parameters"][:2], job["parameters"][:1]

    assert problems(document) == [f"{PYTHON_TASK}.parameters: gold.py requires --contract"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("availability", "ON_DEMAND_AZURE"),
        ("availability", "SPOT_AZURE"),
        ("first_on_demand", 0),
        ("spot_bid_max_price", 0.5),
    ],
)
def test_a_cluster_that_is_not_spot_with_fallback_is_named(
    document: dict[str, Any], task: dict[str, Any], name: str, value: object
) -> None:
    task["new_cluster"]["azure_attributes"][name] = value

    (found,) = problems(document)

    assert found.startswith(f"{CLUSTER}.azure_attributes.{name}: is {value}, ")


@pytest.mark.parametrize(
    ("variable", "value", "field"),
    [
        ("spark_version", "16.4.x-scala2.13", "spark_version"),
        ("node_type", "Standard_D8ds_v5", "node_type_id"),
        ("workers", 2, "num_workers"),
    ],
)
def test_a_cluster_that_is_not_the_services_is_named(
    document: dict[str, Any], variable: str, value: object, field: str
) -> None:
    document["variables"][variable]["default"] = value

    (found,) = problems(document)

    assert found.startswith(f"{CLUSTER}.{field}: is {value}, the service's default is ")


def test_a_task_without_a_cluster_is_named(document: dict[str, Any], task: dict[str, Any]) -> None:
    del task["new_cluster"]

    assert f"{CLUSTER}.azure_attributes.first_on_demand: is None, the service asks 1" in problems(
        document
    )


def test_a_task_without_the_wheel_is_named(document: dict[str, Any], task: dict[str, Any]) -> None:
    task["libraries"] = [{"whl": "other.whl"}]

    assert problems(document) == [f"{TASK}.libraries: none is a wheel that the bundle builds"]


def test_a_job_without_a_task_is_named(document: dict[str, Any], job: dict[str, Any]) -> None:
    del job["tasks"], job["parameters"]

    assert problems(document) == [f"{JOB}.tasks: there are none"]


def test_a_bundle_without_a_job_is_named(document: dict[str, Any]) -> None:
    document["resources"] = {}

    assert problems(document) == ["resources.jobs: there are none"]


def test_a_variable_that_is_not_declared_is_named(
    document: dict[str, Any], job: dict[str, Any]
) -> None:
    job["description"] = "in ${var.lake}"

    assert problems(document) == [f"{JOB}.description: lake is none of the variables"]


def test_a_variable_in_place_of_a_list_is_no_list(
    document: dict[str, Any], job: dict[str, Any]
) -> None:
    del job["parameters"]
    job["tasks"] = "${var.lake_uri}"

    assert problems(document) == [f"{JOB}.tasks: there are none"]


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ("dev", "targets.dev.mode: is None, not development"),
        ("prod", "targets.prod.mode: is None, not production"),
    ],
)
def test_a_target_that_is_not_there_is_named(
    document: dict[str, Any], target: str, problem: str
) -> None:
    del document["targets"][target]

    assert problem in problems(document)


def test_files_that_land_elsewhere_than_the_service_looks_are_named(
    document: dict[str, Any],
) -> None:
    document["targets"]["prod"]["workspace"]["root_path"] = "/Workspace/other"

    (found,) = problems(document)

    assert found.startswith("workspace.file_path: is ${workspace.root_path}/jobs")
    assert "LANDFALL_JOBS_ROOT is /Workspace/landfall/jobs" in found


@pytest.mark.parametrize("place", ["", "resources", "targets", "targets.dev", "targets.prod"])
def test_a_field_that_would_go_unchecked_is_named(document: dict[str, Any], place: str) -> None:
    parts = {
        "": document,
        "resources": document["resources"],
        "targets": document["targets"],
        "targets.dev": document["targets"]["dev"],
        "targets.prod": document["targets"]["prod"],
    }
    parts[place]["pipelines"] = {}

    named = f"{place}.pipelines".removeprefix(".")
    assert problems(document) == [f"{named}: is no field that this check knows"]


def test_a_usage_tells_what_is_known_and_what_is_required() -> None:
    options = parse_usage(USAGE)

    assert options.known == {"--manifest", "--dry-run", "--rows", "--uploaded-at"}
    assert options.required == {"--manifest", "--uploaded-at"}
