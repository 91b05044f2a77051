"""The parts of the stack: how to start each, and how to see that it is ready."""

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.app_settings import ACCOUNT_KEYS, DATABRICKS_TOKEN, app_settings, has_spark
from local.ports import Ports

ROOT = Path(__file__).resolve().parent.parent
PART_NAMES = ("azurite", "hub", "lake", "databricks", "host")
# A person who drops a file on a laptop waits for it; Azure uses ten seconds, or an event.
BLOB_SCAN_SECONDS = "1"
AZURITE = ROOT / "local" / "azurite" / "node_modules" / "azurite" / "dist" / "src" / "azurite.js"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One process of the stack; `ready_url` answers once it serves."""

    name: str
    command: tuple[str, ...]
    ready_url: str
    ports: tuple[int, ...]
    environment: Mapping[str, str]


def stack_parts(ports: Ports, data: Path, hubs: tuple[str, ...], *, with_host: bool) -> list[Part]:
    """The parts in starting order: the host comes last, because it needs the others."""
    settings = app_settings(ports, data)
    parts = [_azurite(ports, data), _hub(ports, data, hubs), _lake(ports, data, settings)]
    parts += [_databricks(ports, data)] if has_spark() else []
    return [*parts, _host(ports, settings)] if with_host else parts


def find_node() -> str:
    """The Node that set-up installed if the machine had none, else the machine's own."""
    installed = Path(sys.executable).with_name("node")
    return str(installed) if installed.exists() else shutil.which("node") or "node"


def _azurite(ports: Ports, data: Path) -> Part:
    return Part(
        name="azurite",
        command=(
            find_node(),
            str(AZURITE),
            *("--silent", "--disableTelemetry", "--skipApiVersionCheck"),
            *("--location", str(data / "azurite")),
            *("--blobHost", "127.0.0.1", "--blobPort", str(ports.blob)),
            *("--queueHost", "127.0.0.1", "--queuePort", str(ports.queue)),
            *("--tableHost", "127.0.0.1", "--tablePort", str(ports.table)),
        ),
        ready_url=f"http://127.0.0.1:{ports.table}/",
        ports=(ports.blob, ports.queue, ports.table),
        environment={},
    )


def _hub(ports: Ports, data: Path, hubs: tuple[str, ...]) -> Part:
    return Part(
        name="hub",
        command=(
            *(sys.executable, "-m", "local.hub", "--data", str(data / "hub")),
            *("--port", str(ports.hub), "--control-port", str(ports.hub_control)),
            *("--key", ACCOUNT_KEYS["hub"]),
            *(argument for hub in hubs for argument in ("--hub", hub)),
        ),
        ready_url=f"http://127.0.0.1:{ports.hub_control}/health",
        ports=(ports.hub, ports.hub_control),
        environment={},
    )


def _lake(ports: Ports, data: Path, settings: Mapping[str, str]) -> Part:
    return Part(
        name="lake",
        command=(
            *(sys.executable, "-m", "local.lake", "--data", str(data / "lake")),
            *("--port", str(ports.lake), "--control-port", str(ports.lake_control)),
            *("--account", "landfalllake", "--key", ACCOUNT_KEYS["lake"]),
            *("--filesystem", settings["LANDFALL_LAKE_FILESYSTEM"]),
        ),
        ready_url=f"http://127.0.0.1:{ports.lake_control}/health",
        ports=(ports.lake, ports.lake_control),
        environment={},
    )


def _databricks(ports: Ports, data: Path) -> Part:
    return Part(
        name="databricks",
        command=(
            *(sys.executable, "-m", "local.databricks", "--data", str(data / "databricks")),
            *("--port", str(ports.databricks), "--control-port", str(ports.databricks_control)),
            *("--token", DATABRICKS_TOKEN),
        ),
        ready_url=f"http://127.0.0.1:{ports.databricks_control}/health",
        ports=(ports.databricks, ports.databricks_control),
        # Stands in for the jobs' wheel, which a cluster would install.
        environment={"PYTHONPATH": str(ROOT)},
    )


def _host(ports: Ports, settings: Mapping[str, str]) -> Part:
    return Part(
        name="host",
        command=(
            *(sys.executable, "-m", "local.host", "--app", str(ROOT), "--port", str(ports.host)),
            *("--blob-scan-seconds", BLOB_SCAN_SECONDS),
        ),
        ready_url=f"http://127.0.0.1:{ports.host}/api/health",
        ports=(ports.host,),
        environment={**settings, "PYTHONPATH": str(ROOT)},
    )
