import importlib
from fnmatch import fnmatch
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEPLOYED = {
    "function_app.py",
    "host.json",
    "requirements.txt",
    "functions",
    "shared",
    "contracts",
}


def packaged() -> set[str]:
    """The top level that is left by .funcignore, whose later lines overrule the earlier."""
    patterns = (ROOT / ".funcignore").read_text().split()
    left = set()
    for path in ROOT.iterdir():
        verdicts = [
            not pattern.startswith("!")
            for pattern in patterns
            if fnmatch(f"/{path.name}", pattern.removeprefix("!"))
        ]
        if not verdicts or not verdicts[-1]:
            left.add(path.name)
    return left


def test_what_is_deployed_is_the_service_alone() -> None:
    assert packaged() == DEPLOYED


@pytest.mark.parametrize("package", ["functions", "shared", "producer", "local", "ops"])
def test_a_package_of_ours_is_not_a_wheels_of_the_same_name(package: str) -> None:
    module = importlib.import_module(package)

    assert Path(module.__file__).parent == ROOT / package
    assert package not in packages_distributions()


def test_the_deployed_requirements_are_pinned_and_name_no_tool() -> None:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    required = [line.partition(";")[0].strip() for line in lines if line and line[0] != "#"]

    assert all("==" in line for line in required)
    assert not {line.partition("==")[0] for line in required} & {"pytest", "ruff", "aiohttp"}
