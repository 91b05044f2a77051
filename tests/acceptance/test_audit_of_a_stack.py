import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from local.account import lake_folder, wait_until_committed
from local.parts import ROOT
from local.stack import Stack
from tests.acceptance.steps import produce, totals


def audit(stack: Stack, *arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "ops", "audit", "--stack", str(stack.file), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


def committed_path(stack: Stack, layer: str) -> str:
    """The first of a layer's files; all that landed without a fault are committed."""
    folder = lake_folder(stack)
    path = min(path for path in folder.glob(f"{layer}/**/*.avro"))
    return str(path.relative_to(folder))


def flip_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def problems_of(document: dict[str, Any]) -> dict[str, set[str]]:
    """The kinds of problems by the path that they name."""
    found: dict[str, set[str]] = {}
    for problem in document["problems"]:
        found.setdefault(problem["path"], set()).add(problem["kind"])
    return found


def test_a_stack_audits_clean_until_its_files_are_spoiled(stack: Stack) -> None:
    report = produce(stack, "--contract", "telemetry", "--count", "3000", "--bad", "0.02")
    status = wait_until_committed(stack, report["sent"])

    code, told = audit(stack)
    as_json, document = audit(stack, "--json")

    found = json.loads(document)["totals"]
    assert (code, as_json) == (0, 0), told
    assert found["landed"] == totals(status)["landed"] == 2940
    assert found["quarantined"] == totals(status)["quarantined"] == 60
    assert (found["open"], found["lost"]) == (totals(status)["missing"], totals(status)["lost"])

    spoiled, deleted = committed_path(stack, "bronze"), committed_path(stack, "quarantine")
    flip_a_byte(lake_folder(stack) / spoiled)
    (lake_folder(stack) / deleted).unlink()

    code, told = audit(stack)
    as_json, document = audit(stack, "--json")

    found_problems = problems_of(json.loads(document))
    assert (code, as_json) == (1, 1)
    assert spoiled in told
    assert deleted in told
    assert "hash_differs" in found_problems[spoiled]
    assert found_problems[deleted] == {"file_missing"}
