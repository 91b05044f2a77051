"""One driver process: how we start it, give it a task, read its reports and end it."""

import asyncio
import contextlib
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.databricks.process_group import end_group, identify
from local.databricks.run import DriverId
from local.databricks.task import Task
from local.spark.archive import EXERCISE, archive_option
from local.spark.settings import script_environment

_PROGRAM = Path(__file__).with_name("driver.py")
_REPORT_BYTES = 2**24


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What is fixed when a driver starts: a spare serves only tasks that ask for the same."""

    wheels: tuple[str, ...] = ()
    spark_settings: tuple[tuple[str, str], ...] = ()
    variables: tuple[tuple[str, str], ...] = ()


def launch_of(task: Task) -> Launch:
    """Read from a task how to start its driver."""
    settings = task.cluster.get("spark_conf", {})
    variables = task.cluster.get("spark_env_vars", {})
    return Launch(
        wheels=task.wheels,
        spark_settings=tuple((str(name), str(value)) for name, value in settings.items()),
        variables=tuple((str(name), str(value)) for name, value in variables.items()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverProcess:
    """A process of `driver.py`, its folder and its log."""

    identity: DriverId
    launch: Launch
    folder: Path
    process: asyncio.subprocess.Process

    @property
    def log(self) -> Path:
        """What the driver, Spark and the script write."""
        return self.folder / "log"

    @property
    def is_alive(self) -> bool:
        """Whether it can still take a task."""
        return self.process.returncode is None

    @property
    def is_warm(self) -> bool:
        """Whether its warm-up has ended, complete or not."""
        return (self.folder / "warm").exists()

    async def give(self, task: Task) -> None:
        """Give it its only task; if it has ended already, the caller sees that no report comes."""
        assert self.process.stdin is not None, "it is started with pipes"
        line = json.dumps({"script": task.script, "parameters": task.parameters})
        with contextlib.suppress(ConnectionError):
            self.process.stdin.write(line.encode() + b"\n")
            await self.process.stdin.drain()

    async def reports(self) -> AsyncIterator[dict[str, Any]]:
        """Read its reports until it ends."""
        assert self.process.stdout is not None, "it is started with pipes"
        while line := await self.process.stdout.readline():
            yield json.loads(line)

    async def end(self, grace_seconds: float) -> None:
        """End it and every process it started, and remove its files."""
        await end_group(self.identity, grace_seconds)
        await self.process.wait()
        await asyncio.to_thread(shutil.rmtree, self.folder, ignore_errors=True)


async def start_driver(launch: Launch, folder: Path, *, is_spare: bool) -> DriverProcess:
    """Start a driver; a spare one warms Spark up before it has a task."""
    (folder / "work").mkdir(parents=True)
    with (folder / "log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", str(_PROGRAM), *([str(EXERCISE)] if is_spare else [])),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            cwd=folder / "work",
            env=_environment(launch, folder),
            start_new_session=True,
            limit=_REPORT_BYTES,
        )
    return DriverProcess(
        identity=identify(process.pid), launch=launch, folder=folder, process=process
    )


def _environment(launch: Launch, folder: Path) -> dict[str, str]:
    inherited = os.environ.get("PYTHONPATH")
    path = [*launch.wheels, *([inherited] if inherited else [])]
    return {
        **os.environ,
        **script_environment(folder / "work", dict(launch.spark_settings), archive_option()),
        **dict(launch.variables),
        "PYTHONPATH": os.pathsep.join(path),
        "PYTHONUNBUFFERED": "1",
    }
