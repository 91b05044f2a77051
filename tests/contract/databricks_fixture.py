"""Starts the Databricks runner as its own process, and builds the SDK's clients for it."""

import contextlib
import json
import textwrap
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.config import Config
from databricks.sdk.service.jobs import Run, RunOutput, SparkPythonTask, SubmitTask

from tests.contract.emulator_process import EmulatorProcess, eventually, running_emulator, send

TOKEN = "dapi-of-the-tests"

# The SDK never closes the session with which it asks for the host's configuration.
IGNORING_THE_SDKS_SOCKETS = [
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings(
        "ignore:Exception ignored in.*socket:pytest.PytestUnraisableExceptionWarning"
    ),
]


@dataclass(kw_only=True)
class RunningDatabricks:
    """A runner process, and what tests ask of it."""

    emulator: EmulatorProcess
    scripts: Path

    @property
    def data(self) -> Path:
        return self.emulator.data

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.emulator.port}"

    def client(self, **options: Any) -> WorkspaceClient:
        options = {"token": TOKEN, "retry_timeout_seconds": 5, **options}
        return WorkspaceClient(config=Config(host=self.url, auth_type="pat", **options))

    def script(self, text: str = "") -> str:
        """Write a script, and return its path."""
        file = self.scripts / f"{uuid.uuid4().hex}.py"
        file.write_text(textwrap.dedent(text))
        return str(file)

    def task(self, text: str = "", key: str = "main", **settings: Any) -> SubmitTask:
        """Describe a task that runs this text."""
        parameters = settings.pop("parameters", None)
        script = SparkPythonTask(python_file=self.script(text), parameters=parameters)
        settings = {"existing_cluster_id": "test", "spark_python_task": script, **settings}
        return SubmitTask(task_key=key, **settings)

    def submit(self, *tasks: SubmitTask, **settings: Any) -> int:
        """Submit a run; returns its id."""
        run_id: int = self.client().jobs.submit(tasks=[*tasks], **settings).run_id
        return run_id

    def run(self, text: str = "", **settings: Any) -> Run:
        """Run this text in a task, and wait until it has ended."""
        return self.ended(self.submit(self.task(text, **settings)))

    def ended(self, run_id: int) -> Run:
        """Wait for the end of a run."""
        client = self.client()
        eventually(lambda: client.jobs.get_run(run_id).state.result_state is not None)
        return client.jobs.get_run(run_id)

    def await_state(self, run_id: int, state: str) -> Run:
        """Wait until a run is in a state."""
        client = self.client()
        eventually(lambda: client.jobs.get_run(run_id).state.life_cycle_state.value == state)
        return client.jobs.get_run(run_id)

    def await_idle(self) -> None:
        """Wait until no run is left that would take a fault meant for another."""
        client = self.client()
        eventually(lambda: not list(client.jobs.list_runs(active_only=True)))

    def output(self, run: Run, number: int = 0) -> RunOutput:
        return self.client().jobs.get_run_output(run.tasks[number].run_id)

    def raw(
        self, method: str, target: str, body: Any = None, token: str | None = TOKEN
    ) -> tuple[int, Any, dict[str, str]]:
        """Send a request that no client library has tidied; JSON is read, all else is text."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        request = urllib.request.Request(
            f"{self.url}{target}", method=method, data=content if body else None, headers=headers
        )
        status, answer, found = send(request)
        return status, _read(answer), found

    def spare(self) -> str:
        """How far the spare driver is: none, warming or warm."""
        return str(self.emulator.control("GET", "/health")[1]["spare"])

    def family(self) -> list[psutil.Process]:
        """All processes that the runner has started, and those they have started."""
        return psutil.Process(self.emulator.process.pid).children(recursive=True)


@contextlib.contextmanager
def running_databricks(
    folder: Path, options: tuple[str, ...] = ("--spare-seconds", "0")
) -> Iterator[RunningDatabricks]:
    """Run a runner over the folder; at its end nothing that it has started is left."""
    scripts = folder / "scripts"
    scripts.mkdir()
    arguments = ("--token", TOKEN, *options)
    with running_emulator("local.databricks", folder / "databricks", *arguments) as emulator:
        running = RunningDatabricks(emulator=emulator, scripts=scripts)
        try:
            yield running
        finally:
            family = running.family() if emulator.process.poll() is None else []
            emulator.kill()
            eventually(lambda: are_gone(family))


def are_gone(processes: list[psutil.Process]) -> bool:
    """Say whether none of the processes runs any more."""
    return not any(_is_running(process) for process in processes)


def _is_running(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _read(content: bytes) -> Any:
    try:
        return json.loads(content)
    except json.JSONDecodeError:
        return content.decode()
