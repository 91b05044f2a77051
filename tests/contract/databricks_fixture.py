"""Starts the Databricks runner as its own process, and builds the SDK's clients for it."""

import contextlib
import json
import signal
import subprocess
import sys
import textwrap
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.config import Config
from databricks.sdk.service.jobs import Run, RunOutput, SparkPythonTask, SubmitTask
from lake_fixture import free_ports

TOKEN = "dapi-of-the-tests"
_DEADLINE_SECONDS = 90.0  # Spark starts in seconds, or in many where the machine is busy
_ROOT = Path(__file__).resolve().parents[2]

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

    data: Path
    scripts: Path
    port: int
    control_port: int
    options: tuple[str, ...]
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

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
        wait_until(lambda: client.jobs.get_run(run_id).state.result_state is not None)
        return client.jobs.get_run(run_id)

    def await_state(self, run_id: int, state: str) -> Run:
        """Wait until a run is in a state."""
        client = self.client()
        wait_until(lambda: client.jobs.get_run(run_id).state.life_cycle_state.value == state)
        return client.jobs.get_run(run_id)

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
        return _send(request)

    def control(self, method: str, target: str, body: Any = None) -> tuple[int, Any]:
        """Call the control endpoint; bytes are sent as they are, all else as JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.control_port}{target}",
            method=method,
            data=None if body is None else content,
        )
        status, answer, _ = _send(request)
        return status, answer

    def set_fault(self, **fault: Any) -> None:
        status, answer = self.control("POST", "/faults", fault)
        assert status == 201, answer

    def faults(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.control("GET", "/faults")[1]["faults"]
        return found

    def spare(self) -> str:
        """How far the spare driver is: none, warming or warm."""
        return str(self.control("GET", "/health")[1]["spare"])

    def family(self) -> list[psutil.Process]:
        """All processes that the runner has started, and those they have started."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def kill(self) -> None:
        """End the process as `kill -9` does."""
        self.process.kill()
        self.process.wait(_DEADLINE_SECONDS)

    def restart(self) -> None:
        """Start a new process over the same folder and ports."""
        self.process = _spawn(self.data, self.port, self.control_port, self.options)
        _await_health(self)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask the process to stop, and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(_DEADLINE_SECONDS)


@contextlib.contextmanager
def running_databricks(
    folder: Path, options: tuple[str, ...] = ("--spare-seconds", "0")
) -> Iterator[RunningDatabricks]:
    """Run a runner over the folder."""
    port, control_port = free_ports(2)
    scripts = folder / "scripts"
    scripts.mkdir()
    data = folder / "databricks"
    running = RunningDatabricks(
        data=data,
        scripts=scripts,
        port=port,
        control_port=control_port,
        options=options,
        process=_spawn(data, port, control_port, options),
    )
    try:
        _await_health(running)
        yield running
    finally:
        family = running.family() if running.process.poll() is None else []
        running.kill()
        wait_until(lambda: are_gone(family))


@pytest.fixture(scope="module")
def databricks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDatabricks]:
    """Run one runner for a module's tests; each leaves it without faults and runs."""
    with running_databricks(tmp_path_factory.mktemp("databricks")) as running:
        yield running


@pytest.fixture
def own_databricks(tmp_path: Path) -> Iterator[RunningDatabricks]:
    """Run a runner that the test may kill."""
    with running_databricks(tmp_path) as running:
        yield running


def wait_until(condition: Callable[[], Any]) -> None:
    """Poll until the condition holds, or fail at the deadline."""
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come to hold in time"
        time.sleep(0.02)


def are_gone(processes: list[psutil.Process]) -> bool:
    """Say whether none of the processes runs any more."""
    return not any(_is_running(process) for process in processes)


def _is_running(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _send(request: urllib.request.Request) -> tuple[int, Any, dict[str, str]]:
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, _read(response.read()), dict(response.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, _read(error.read()), dict(error.headers)


def _read(content: bytes) -> Any:
    try:
        return json.loads(content)
    except json.JSONDecodeError:
        return content.decode()


def _spawn(
    data: Path, port: int, control_port: int, options: tuple[str, ...]
) -> "subprocess.Popen[bytes]":
    fixed = {"--port": port, "--control-port": control_port, "--data": data, "--token": TOKEN}
    arguments = [str(part) for pair in fixed.items() for part in pair]
    command = [sys.executable, "-m", "local.databricks", *arguments, *options]
    return subprocess.Popen(command, cwd=_ROOT, stderr=subprocess.DEVNULL)


def _await_health(running: RunningDatabricks) -> None:
    def is_healthy() -> bool:
        assert running.process.poll() is None, "the runner ended instead of starting"
        try:
            return running.control("GET", "/health")[0] == 200
        except (urllib.error.URLError, ConnectionError):
            return False

    wait_until(is_healthy)
