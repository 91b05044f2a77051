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
    [
        ("kit", ()),
        ("hub", ("local.kit",)),
        ("lake", ("local.kit",)),
        ("host", ("local.kit",)),
        ("databricks", ("local.kit", "local.spark")),
    ],
)
def test_an_emulator_imports_nothing_of_ours_but_itself_and_the_kit(
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


def find_cycle(imports: dict[str, set[str]]) -> list[str]:
    """The first modules found that import each other in a circle; none where there is none."""
    done: set[str] = set()

    def walk(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        found = [] if name in done else [walk(one, [*path, name]) for one in sorted(imports[name])]
        done.add(name)
        return next(filter(None, found), [])

    return next(filter(None, (walk(name, []) for name in sorted(imports))), [])


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_modules(path: Path) -> set[str]:
    """What a file imports, also only for type checking, and what `from x import y` may name."""
    names = imported(path)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("folder", ["local", "functions", "shared", "producer", "ops", "jobs"])
def test_no_modules_import_each_other(folder: str) -> None:
    files = {module_name(path): path for path in modules(folder)}

    cycle = find_cycle(
        {name: imported_modules(path) & files.keys() for name, path in files.items()}
    )

    assert cycle == []


def test_no_modules_of_the_crate_use_each_other() -> None:
    files = {path.stem: path.read_text() for path in (ROOT / "native" / "src").glob("*.rs")}
    uses = {name: set(re.findall(r"\bcrate::(\w+)", text)) for name, text in files.items()}
    for name, text in files.items():
        for group in re.findall(r"\bcrate::\{([^}]*)\}", text):
            uses[name] |= set(re.findall(r"\w+", group))

    cycle = find_cycle({name: used & files.keys() for name, used in uses.items()})

    assert cycle == []


@pytest.mark.parametrize(
    ("imports", "cycle"),
    [
        ({"a": {"b"}, "b": {"c"}, "c": set()}, []),
        ({"a": {"b"}, "b": {"c"}, "c": {"b"}}, ["b", "c", "b"]),
        ({"a": {"a"}}, ["a", "a"]),
        ({"a": {"c"}, "b": {"a"}, "c": {"b"}}, ["a", "c", "b", "a"]),
    ],
)
def test_a_cycle_is_found(imports: dict[str, set[str]], cycle: list[str]) -> None:
    assert find_cycle(imports) == cycle
