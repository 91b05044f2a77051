"""The app under Microsoft's own worker library, in an environment of its own."""

import hashlib
import json
import os
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from local.parts import ROOT
from tests.integration.pipeline import Pipeline

WORKER_LIBRARY = "azure-functions-runtime==1.3.0"
ENVIRONMENT = ROOT / ".venv313"
SCRIPT = Path(__file__).with_name("worker_library.py")


def python_3_13() -> str | None:
    """A python3.13 that runs: on the path (a shim there may not), or among pyenv's versions."""
    on_path = shutil.which("python3.13")
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [on_path, *map(str, sorted(pyenv.glob("3.13*/bin/python3.13")))]
    return next((path for path in candidates if path and runs(path)), None)


def runs(python: str) -> bool:
    done = subprocess.run([python, "--version"], capture_output=True, text=True, check=False)
    return done.stdout.startswith("Python 3.13")


@pytest.fixture(scope="module")
def worker_python() -> str:
    """The environment's Python; made once, and again when a pin changes."""
    python = python_3_13()
    if python is None:
        pytest.skip("no python3.13 on the path or among pyenv's versions: the worker library's")
    pins = (ROOT / "requirements.txt").read_text() + WORKER_LIBRARY
    stamp = ENVIRONMENT / "pins"
    digest = hashlib.sha256(pins.encode()).hexdigest()
    made = str(ENVIRONMENT / "bin" / "python")
    if not stamp.exists() or stamp.read_text() != digest:
        subprocess.run([python, "-m", "venv", "--clear", str(ENVIRONMENT)], check=True)
        install = [made, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        constraints = str(ROOT / "constraints.txt")
        subprocess.run(
            [*install, "-r", str(ROOT / "requirements.txt"), WORKER_LIBRARY, "-c", constraints],
            check=True,
        )
        stamp.write_text(digest)
    return made


def test_the_worker_library_indexes_loads_and_invokes_the_app(
    pipeline: Pipeline, worker_python: str, tmp_path: Path
) -> None:
    app = deployed(tmp_path / "app", pipeline.contracts)
    first = pipeline.next_number
    pipeline.next_number += 3
    enqueued_at = pipeline.enqueued_at + timedelta(milliseconds=first)

    done = subprocess.run(
        [worker_python, str(SCRIPT), str(first), enqueued_at.isoformat()],
        cwd=app,
        env={**os.environ, **pipeline.settings, "PYTHONPATH": f"{app}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    outcome = pipeline.read_back(first)
    assert answer["functions"] == ["batches", "health", "ingest", "reconcile", "status"]
    assert answer["retry"] == ["exponential_backoff", -1]
    assert answer["answers"]["health"] == {"status": "healthy"}
    assert answer["answers"]["status"]["ingest"]["totals"]["events"] == first + 3
    assert outcome.landed[0]["id"] == 1
    assert [outcome.quarantined[index]["reason"] for index in (1, 2)] == [
        "invalid_utf8",
        "empty_body",
    ]
    assert outcome.quarantined[1]["body"] == b"\xff\x00 not JSON"


def deployed(app: Path, contracts: Path) -> Path:
    """What a deployment holds, with the test's contracts."""
    app.mkdir()
    for name in ("functions", "shared"):
        shutil.copytree(ROOT / name, app / name)
    shutil.copytree(contracts, app / "contracts")
    for name in ("function_app.py", "host.json"):
        shutil.copy(ROOT / name, app / name)
    return app
