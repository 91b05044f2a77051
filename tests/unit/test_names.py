"""One word, one meaning: no two classes of the product share a name."""

import ast
from collections import defaultdict

from tests.unit.source import modules, nodes, told

PRODUCT = ("shared", "functions", "producer", "ops", "jobs", "chaos", "fuzz")


def test_no_two_classes_share_a_name() -> None:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for part in PRODUCT:
        for path in modules(part):
            for node in nodes(path):
                if isinstance(node, ast.ClassDef):
                    found[node.name].append(told(path))

    assert {name: files for name, files in found.items() if len(files) > 1} == {}
