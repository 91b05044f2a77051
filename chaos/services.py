"""The stack's services as processes that can be killed and restarted; hosts are separate."""

import asyncio
import json
import os
import subprocess
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from chaos.plan import GROUPS
from local.app_settings import app_settings
from local.parts import ROOT, Part, stack_parts
from local.ports import Ports

HUB = "events"
PARTITIONS = 4
NAMES = ("azurite", "hub", "lake")
START_SECONDS = 60


class ServiceError(Exception):
    """A service does not do what the suite needs."""


@dataclass(slots=True, kw_only=True)
class Services:
    """Azurite, the hub and the lake, in their own data folder."""

    data: Path
    ports: Ports
    _settings: dict[str, str] = field(default_factory=dict)
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, str]:
        """The app's settings, with direct endpoints for everything and no Databricks."""
        if not self._settings:
            self._settings |= app_settings(self.ports, self.data)
            self._settings["LANDFALL_DATABRICKS_HOST"] = ""
        return self._settings

    @property
    def logs(self) -> Path:
        """The folder of all logs."""
        return self.data / "logs"

    def part(self, name: str) -> Part:
        """How to start a service, or the host."""
        groups = ",".join((self.settings["LANDFALL_REPLAY_CONSUMER_GROUP"], *GROUPS[1:]))
        hubs = (f"{HUB}:{PARTITIONS}:{groups}",)
        parts = stack_parts(self.ports, self.data, hubs, with_host=True)
        return next(part for part in parts if part.name == name)

    async def start(self, name: str, *more: str) -> None:
        """Start a service and wait until it answers; raises ServiceError if it does not."""
        part = self.part(name)
        self.logs.mkdir(parents=True, exist_ok=True)
        with (self.logs / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                (*part.command, *more),
                cwd=ROOT,
                env={**os.environ, **part.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        for _ in range(START_SECONDS * 20):
            if await asyncio.to_thread(_answers, part.ready_url):
                return
            if self._running[name].poll() is not None:
                break
            await asyncio.sleep(0.05)
        message = f"{name} did not come up: see {self.logs}"
        raise ServiceError(message)

    async def kill(self, name: str) -> None:
        """End a service like `kill -9`."""
        process = self._running.pop(name)
        process.kill()
        await asyncio.to_thread(process.wait)

    def kill_all(self) -> None:
        """End all services that run."""
        while self._running:
            _, process = self._running.popitem()
            process.kill()
            process.wait()

    async def control_hub(self, path: str, body: Any = None, method: str = "POST") -> Any:
        """Call the hub's control endpoint."""
        return await asyncio.to_thread(_ask, self.ports.hub_control, method, path, body)

    async def control_lake(self, path: str, body: Any = None, method: str = "POST") -> Any:
        """Call the lake's control endpoint."""
        return await asyncio.to_thread(_ask, self.ports.lake_control, method, path, body)

    @property
    def _lake_folder(self) -> Path:
        return self.data / "lake" / self.settings["LANDFALL_LAKE_FILESYSTEM"]

    def open_file(self, path: str) -> BinaryIO:
        """Open a file of the lake, from the folder behind it."""
        return (self._lake_folder / path).open("rb")

    def landed_paths(self) -> list[str]:
        """Every file of events in the lake, committed or not."""
        found = self._lake_folder.glob("*/**/*.avro")
        return [str(path.relative_to(self._lake_folder)) for path in found]


def _ask(port: int, method: str, path: str, body: Any) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, method=method)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=5).close()
    except urllib.error.HTTPError as error:
        error.close()
    except OSError:
        return False
    return True
