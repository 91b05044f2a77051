"""One life of Microsoft's worker library: the deployed app, indexed, loaded and called."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from local.app_settings import app_settings
from local.parts import ROOT
from local.stack import Stack
from tests.integration.worker_calls import Document

SCRIPT = Path(__file__).with_name("worker_library.py")
DEPLOYED = ("functions", "shared", "contracts", "function_app.py", "host.json")
LONGEST_RUN_SECONDS = 120
FELL_BACK = "trigger_decoding_fell_back"
# What the host reads, and function.json would say.
TRIGGER = {
    "direction": "IN",
    "type": "eventHubTrigger",
    "name": "events",
    "dataType": "BINARY",
    "cardinality": "MANY",
    "connection": "LANDFALL_EVENTHUBS",
    "eventHubName": "%LANDFALL_HUB%",
    "consumerGroup": "%LANDFALL_CONSUMER_GROUP%",
}


def settings_of(services: Stack, *, table: str) -> Mapping[str, str]:
    return app_settings(services.ports, services.data) | {
        "LANDFALL_LEDGER_TABLE": table,
        "LANDFALL_WINDOW_SECONDS": "3600",
    }


def run_worker(
    python: str, app: Path, settings: Mapping[str, str], calls: Sequence[Document]
) -> Document:
    """Let a worker make these calls, and return what it told."""
    done = subprocess.run(
        [python, "-P", str(SCRIPT)],
        input=json.dumps(calls),
        cwd=app,
        env=os.environ | settings | {"PYTHONPATH": str(app)},
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_RUN_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def deploy(folder: Path) -> Path:
    for name in DEPLOYED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    return folder
