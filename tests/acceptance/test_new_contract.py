import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.account import wait_until_committed
from local.parts import ROOT
from local.ports import find_free_base, ports_from
from local.stack import Stack
from tests.acceptance.steps import committed_records, produce, totals

DOOR_EVENT = {
    "type": "record",
    "name": "door_event",
    "fields": [
        {"name": "door", "type": "string", "pattern": "^[A-Z][0-9]+$"},
        {"name": "opened_at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "badges", "type": {"type": "array", "items": "int"}},
    ],
}
DOOR_EVENTS = [
    {"door": "A1", "opened_at": "2026-01-01T08:00:00+01:00", "badges": [7, 9]},
    {"door": "B2", "opened_at": "2026-01-01T08:00:01Z", "badges": []},
    {"door": "nowhere", "opened_at": "2026-01-01T08:00:02Z", "badges": [1]},
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project as a user has it, in a folder of its own."""
    copy = tmp_path / "landfall"
    left_out = shutil.ignore_patterns(".*", "node_modules", "__pycache__", "tests")
    shutil.copytree(ROOT, copy, ignore=left_out)
    (copy / "local" / "azurite" / "node_modules").symlink_to(
        ROOT / "local" / "azurite" / "node_modules"
    )
    return copy


def test_a_new_contract_needs_nothing_but_its_file(project: Path, tmp_path: Path) -> None:
    (project / "contracts" / "door_event").mkdir()
    (project / "contracts" / "door_event" / "1.avsc").write_text(json.dumps(DOOR_EVENT))
    events = tmp_path / "doors.jsonl"
    events.write_text("".join(json.dumps(event) + "\n" for event in DOOR_EVENTS))
    stack = Stack(data=tmp_path / "stack", ports=ports_from(find_free_base()))

    local(project, stack, "up")
    try:
        report = produce(stack, "--contract", "door_event", "--file", str(events), root=project)
        status = wait_until_committed(stack, report["sent"])
        landed, quarantined = committed_records(stack)
    finally:
        local(project, stack, "down")

    assert (totals(status)["landed"], totals(status)["quarantined"]) == (2, 1)
    assert {row["door"]: row["badges"] for row in landed} == {"A1": [7, 9], "B2": []}
    assert [(row["reason"], row["path"]) for row in quarantined] == [("rule_pattern", "door")]


def local(project: Path, stack: Stack, command: str) -> None:
    arguments = ["--data", str(stack.data), "--port-base", str(stack.ports.host)]
    subprocess.run(
        [sys.executable, "-m", "local", command, *arguments],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project)},
        check=True,
    )
