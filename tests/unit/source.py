"""The product's source, read and not run: which modules there are, and what each imports."""

import ast
from functools import cache
from pathlib import Path

from tests.root import ROOT

# What is ours; the tests are read too, where nothing may import them.
OURS = frozenset(
    {
        *("functions", "shared", "producer", "ops", "jobs", "local", "chaos", "fuzz"),
        *("benchmarks", "tests"),
    }
)


def modules(folder: str) -> list[Path]:
    """Every module below a folder, or the one module that the path names."""
    path = ROOT / folder
    return [path] if path.suffix == ".py" else sorted(path.rglob("*.py"))


def told(path: Path) -> str:
    """The path as a failing test tells it."""
    return path.relative_to(ROOT).as_posix()


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Every node of a file's syntax tree; the module itself comes first."""
    return tuple(ast.walk(ast.parse(path.read_text())))


@cache
def imported(path: Path) -> frozenset[str]:
    """Every module that a file imports, by its whole name; relative imports ruff refuses."""
    names: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(names)


def top(names: frozenset[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


def is_within(name: str, module: str) -> bool:
    """Whether it is the module, or what is in it."""
    return f"{name}.".startswith(f"{module}.")
