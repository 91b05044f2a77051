"""The wheel as a cluster has it: installed away from the repository."""

import ast
import os
import subprocess
import sys
from importlib.metadata import PathDistribution, packages_distributions
from pathlib import Path

import pytest

from local.parts import ROOT

PIP = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
OFFLINE = ("--no-index", "--no-deps")
OURS = {"jobs", "shared"}
OF_THE_CLUSTER = {"pyspark"}
USE = """
import jobs.window, shared
from pathlib import Path
from shared.adapters.contract_files import load_contracts

root = Path(shared.__file__).parent.parent
loaded = load_contracts(root / "contracts")
print(root, Path(jobs.window.__file__).parent.parent, *(contract.id for contract in loaded))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = (*PIP, "wheel", *OFFLINE, "--no-build-isolation", "--wheel-dir", folder, ROOT)
    subprocess.run(build, check=True)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cluster") / "site"
    subprocess.run((*PIP, "install", *OFFLINE, "--target", folder, wheel), check=True)
    return folder


def modules_of_the_jobs() -> set[str]:
    """Every module that a job imports, or that one of these of ours imports."""
    found: set[str] = set()
    files = sorted((ROOT / "jobs").glob("*.py"))
    while files:
        names = imported(files.pop()) - found
        found |= names
        files += [path for name in names for path in files_of(name)]
    return found


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    return found


def files_of(module: str) -> list[Path]:
    path = ROOT / module.replace(".", "/")
    candidates = [path.with_suffix(".py"), path / "__init__.py"]
    return [file for file in candidates if module.partition(".")[0] in OURS and file.is_file()]


def test_the_wheel_holds_the_jobs_and_what_they_need(installed: Path) -> None:
    assert {path.name for path in installed.iterdir()} == {
        "contracts",
        "jobs",
        "shared",
        "landfall-0.1.0.dist-info",
    }


def test_the_contracts_and_the_jobs_come_from_the_wheel(installed: Path) -> None:
    known = sorted(path.relative_to(ROOT / "contracts") for path in ROOT.glob("contracts/*/*.avsc"))

    told = subprocess.run(
        (sys.executable, "-c", USE),
        env={**os.environ, "PYTHONPATH": str(installed)},
        cwd=installed.parent,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert told == [str(installed), str(installed), *(str(path.with_suffix("")) for path in known)]


def test_what_the_jobs_import_is_required_by_the_wheel_or_brought_by_the_cluster(
    installed: Path,
) -> None:
    modules = {name.partition(".")[0] for name in modules_of_the_jobs()}
    others = modules - OURS - OF_THE_CLUSTER - sys.stdlib_module_names
    distributions = packages_distributions()

    (metadata,) = installed.glob("*.dist-info")
    required = {line.partition("==")[0] for line in PathDistribution(metadata).requires or ()}

    assert {name for module in others for name in distributions[module]} <= required


def test_the_wheel_requires_the_versions_that_the_service_runs(installed: Path) -> None:
    deployed = (ROOT / "requirements.txt").read_text().split("\n")

    (metadata,) = installed.glob("*.dist-info")

    assert set(PathDistribution(metadata).requires or ()) <= set(deployed)
