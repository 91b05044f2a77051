import ast
import re
from pathlib import Path

import pytest

from tests.root import ROOT

OURS = {"functions", "shared", "producer", "ops", "local", "jobs", "benchmarks", "tests"}
EDGES = {"settings.py", "wiring.py", "latest.py", "breaker.py"}
IMPURE = {"os", "time", "random", "socket", "subprocess", "pathlib", "threading", "requests"}


def imported(path: Path) -> set[str]:
    """Every module that a file imports, by its whole name."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def top(names: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize(
    ("folder", "allowed"),
    [
        ("shared", {"shared"}),
        ("functions", {"functions", "shared"}),
        ("producer", {"producer", "shared"}),
        ("ops", {"ops", "shared"}),
        ("local", {"local"}),
    ],
)
def test_imports_go_one_way(folder: str, allowed: set[str]) -> None:
    wrong = {
        str(path.relative_to(ROOT)): sorted((top(imported(path)) & OURS) - allowed)
        for path in modules(folder)
    }

    assert {path: names for path, names in wrong.items() if names} == {}


@pytest.mark.parametrize(
    ("emulator", "besides"),
    [("hub", ()), ("lake", ()), ("host", ()), ("databricks", ("local.spark",))],
)
def test_an_emulator_imports_nothing_of_ours_but_itself(
    emulator: str, besides: tuple[str, ...]
) -> None:
    allowed = (f"local.{emulator}", *besides)
    wrong = {
        name
        for path in modules(f"local/{emulator}")
        for name in imported(path)
        if name.partition(".")[0] in OURS
        and not f"{name}.".startswith(tuple(f"{a}." for a in allowed))
    }

    assert wrong == set()


def test_shared_knows_nothing_of_azure_functions() -> None:
    users = [path for path in modules("shared") if "azure.functions" in imported(path)]

    assert users == []


def test_the_pure_core_does_no_io_and_knows_no_sdk() -> None:
    core = [path for path in (ROOT / "shared").glob("*.py") if path.name not in EDGES]

    wrong = {path.name: sorted(top(imported(path)) & (IMPURE | {"azure"})) for path in core}

    assert {name: found for name, found in wrong.items() if found} == {}


def test_only_settings_reads_the_environment() -> None:
    texts = {path.name: path.read_text() for path in modules("shared")}
    readers = [name for name, text in texts.items() if re.search(r"os\.environ|getenv", text)]

    assert readers == ["settings.py"]
