"""Which way imports go: a new direction is a change to a table here, for a reviewer to see."""

import re
from collections.abc import Mapping

import pytest

from tests.root import ROOT
from tests.unit.source import OURS, imported, is_within, module_name, modules, told, top

# What each part of shared/ imports of the others, and no more: a folder, or one module of it.
SHARED: Mapping[str, frozenset[str]] = {
    part: frozenset(names.split())
    for part, names in {
        "errors": "",
        "lake": "",
        "logs": "",
        "hub": "",
        "values": "",
        "contracts": "errors hub values",
        "files": "contracts errors values",
        "encoding": "contracts errors hub values",
        "ledger": "hub",
        "landing": "contracts encoding errors hub lake ledger logs values.rejection",
        "transform": "errors hub.address lake ledger logs",
        "dropzone": "contracts errors files lake logs transform values.rejection",
        "status": (
            "contracts encoding.encoder_choice errors hub landing.circuit_breaker ledger transform"
        ),
        "settings": (
            "encoding.compression encoding.encoder_choice errors landing.fault_points"
            " transform.windows"
        ),
        "adapters": (
            "contracts errors files.rows hub landing.fault_points ledger settings transform"
        ),
        "service": (
            "adapters contracts dropzone encoding hub lake landing ledger.store logs settings"
            " status transform"
        ),
    }.items()
}
# What each part of the repository imports of the others.
PARTS: Mapping[str, frozenset[str]] = {
    part: frozenset(names.split())
    for part, names in {
        "shared": "",
        "functions": "shared",
        "function_app.py": "functions",
        "producer": "shared",
        "ops": "shared",
        "ops/landfall.py": "local ops producer",
        "jobs": "shared",
        "fuzz": "shared",
        "local": "",
        "chaos": "functions local producer shared",
    }.items()
}


def shared_part(name: str) -> str:
    """The folder or the module right below shared/ that something is in."""
    return name.split(".")[1]


def used_in_shared(part: str) -> dict[str, set[str]]:
    """What the files of a part import of the other parts, without the `shared.`."""
    path = f"shared/{part}" if (ROOT / "shared" / part).is_dir() else f"shared/{part}.py"
    return {
        told(file): {
            name.removeprefix("shared.")
            for name in imported(file)
            if name.startswith("shared.") and shared_part(name) != part
        }
        for file in modules(path)
    }


def test_the_table_has_every_part_of_shared() -> None:
    parts = {path.stem for path in (ROOT / "shared").glob("[a-z]*")}

    assert parts == SHARED.keys()


@pytest.mark.parametrize("part", SHARED)
def test_a_part_of_shared_imports_what_the_table_allows(part: str) -> None:
    wrong = {
        file: sorted(
            name for name in names if not any(is_within(name, one) for one in SHARED[part])
        )
        for file, names in used_in_shared(part).items()
    }

    assert {file: names for file, names in wrong.items() if names} == {}


@pytest.mark.parametrize("part", SHARED)
def test_the_table_allows_a_part_of_shared_no_more_than_it_imports(part: str) -> None:
    used = {name for names in used_in_shared(part).values() for name in names}

    unused = [one for one in SHARED[part] if not any(is_within(name, one) for name in used)]

    assert sorted(unused) == []


def test_the_table_leads_in_no_circle() -> None:
    parts = {part: {one.partition(".")[0] for one in SHARED[part]} for part in SHARED}

    assert find_cycle(parts) == []


@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_the_repository_imports_what_the_table_allows(part: str) -> None:
    allowed = {part, *PARTS[part]}
    wrong = {
        told(path): sorted((top(imported(path)) & OURS) - allowed)
        for path in modules(part)
        if told(path) == part or told(path) not in PARTS
    }

    assert {file: names for file, names in wrong.items() if names} == {}


def test_shared_knows_nothing_of_azure_functions() -> None:
    users = [told(path) for path in modules("shared") if "azure.functions" in imported(path)]

    assert users == []


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
        if name.partition(".")[0] in OURS and not any(is_within(name, one) for one in allowed)
    }

    assert wrong == set()


def find_cycle(imports: Mapping[str, set[str]]) -> list[str]:
    """The first modules found that import each other in a circle; none where there is none."""
    done: set[str] = set()

    def walk(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        found = [] if name in done else [walk(one, [*path, name]) for one in sorted(imports[name])]
        done.add(name)
        return next(filter(None, found), [])

    return next(filter(None, (walk(name, []) for name in sorted(imports))), [])


@pytest.mark.parametrize(
    "folder",
    ["local", "functions", "shared", "producer", "ops", "jobs", "chaos", "fuzz", "benchmarks"],
)
def test_no_modules_import_each_other(folder: str) -> None:
    files = {module_name(path): path for path in modules(folder)}

    cycle = find_cycle({name: {*imported(path)} & files.keys() for name, path in files.items()})

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
