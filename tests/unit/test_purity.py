"""What the pure core may not touch, and who may look at the environment."""

import ast
from pathlib import Path

import pytest

from tests.root import ROOT
from tests.unit.source import imported, is_within, modules, nodes, told

PURE = (
    *("shared/hub", "shared/values", "shared/contracts", "shared/encoding", "shared/ledger"),
    *("shared/files", "shared/transform/windows.py", "shared/transform/work.py"),
    *("shared/transform/requests.py", "shared/landing/path.py", "shared/landing/orphans.py"),
    *("shared/landing/batch_files.py", "shared/status/pipeline.py", "shared/status/document.py"),
)
# Input and output, threads, logs, clocks, chance, and every SDK.
IMPURE = frozenset(
    {
        *("asyncio", "concurrent", "contextvars", "ctypes", "glob", "http", "logging"),
        *("multiprocessing", "os", "pathlib", "queue", "random", "secrets", "select", "selectors"),
        *("shutil", "signal", "socket", "sqlite3", "ssl", "subprocess", "tempfile"),
        *("threading", "time", "urllib"),
        *("aiohttp", "azure", "databricks", "polars", "pyspark", "requests"),
    }
)
CLOCKS = frozenset({"now", "utcnow", "today", "fromtimestamp"})
IO_CALLS = frozenset({"open", "print", "input", "breakpoint", "__import__"})
READS_ENVIRONMENT = {"environ", "environb", "getenv", "putenv", "unsetenv"}

# Whoever else reads or sets a process's environment, and why it must.
ENVIRONMENT = {
    "shared/settings.py": "the only reader of the service's settings",
    "producer/__main__.py": "the producer's own environment, read once and handed on",
    "ops/package.py": "finds the tools that its child processes start",
    "chaos/nursery.py": "becomes the host whose environment it is ordered to have",
    "chaos/services.py": "hands the stack's environment to the processes it starts",
}


def pure_modules() -> list[Path]:
    return [path for part in PURE for path in modules(part)]


def docstring(path: Path) -> str:
    module = nodes(path)[0]
    assert isinstance(module, ast.Module)
    return ast.get_docstring(module) or ""


def called_name(node: ast.AST) -> str:
    """The last part of the name that is called."""
    if not isinstance(node, ast.Call):
        return ""
    called = node.func
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def is_clock(node: ast.AST) -> bool:
    """Whether it asks what time it is; `fromtimestamp` also takes the machine's zone."""
    return isinstance(node, ast.Attribute) and node.attr in CLOCKS


def touches_environment(path: Path) -> bool:
    used = {node.attr for node in nodes(path) if isinstance(node, ast.Attribute)}
    taken = {name.removeprefix("os.") for name in imported(path) if name.startswith("os.")}
    return bool((used | taken) & READS_ENVIRONMENT)


def test_what_is_named_pure_is_there() -> None:
    assert [part for part in PURE if not (ROOT / part).exists()] == []
    assert len(pure_modules()) > 40


def test_a_module_that_calls_itself_pure_is_held_to_it() -> None:
    claims = [told(path) for path in modules("shared") if "Pure." in docstring(path)]

    assert sorted(set(claims) - {told(path) for path in pure_modules()}) == []


def test_the_pure_core_does_no_io_starts_no_threads_logs_nothing_and_knows_no_sdk() -> None:
    wrong = {
        told(path): sorted(
            name for name in imported(path) if any(is_within(name, one) for one in IMPURE)
        )
        for path in pure_modules()
    }

    assert {file: names for file, names in wrong.items() if names} == {}


def test_the_pure_core_asks_no_clock_and_opens_nothing() -> None:
    wrong = {
        told(path): sorted({ast.unparse(node) for node in nodes(path) if is_clock(node)})
        + sorted({name for node in nodes(path) if (name := called_name(node)) in IO_CALLS})
        for path in pure_modules()
    }

    assert {file: found for file, found in wrong.items() if found} == {}


def test_the_environment_is_touched_only_where_it_must_be() -> None:
    parts = ("shared", "functions", "ops", "producer", "jobs", "chaos", "fuzz", "function_app.py")

    touching = {told(path) for part in parts for path in modules(part) if touches_environment(path)}

    assert touching == ENVIRONMENT.keys()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import os\nos.environ", True),
        ("from os import environ", True),
        ("from os import getenv as read", True),
        ("import os\nos.sep", False),
        ("environment = {}", False),
    ],
)
def test_a_look_at_the_environment_is_seen(source: str, expected: bool, tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(source)

    assert touches_environment(path) is expected
