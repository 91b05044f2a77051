"""Small function apps, run by `python -m local.host` as a process of its own."""

import contextlib
import json
import os
import subprocess
import sys
import textwrap
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import psutil
import pytest

from local.kit.ports import free_ports
from local.kit.waiting import wait_until
from tests.contract.databricks_fixture import are_gone
from tests.contract.emulator_process import ROOT, send

_DEADLINE_SECONDS = 40
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body, parsed."""
        return json.loads(self.body)


@dataclass(slots=True, kw_only=True)
class RunningHost:
    """A host's process. `notes` is a file that the sample apps write one JSON line at a time."""

    process: "subprocess.Popen[bytes]"
    port: int
    log: Path
    notes_file: Path
    headers: dict[str, str] = field(default_factory=dict)

    def request(self, path: str, *, method: str = "GET", body: bytes | None = None) -> Answer:
        """Send a request; an error status is an answer too."""
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(url, data=body, method=method, headers=self.headers)
        status, answer, headers = send(request)
        return Answer(status=status, headers=headers, body=answer)

    def notes(self) -> list[Any]:
        """Return what the app has noted so far."""
        if not self.notes_file.exists():
            return []
        lines = self.notes_file.read_text(encoding="utf-8").split("\n")
        # The last piece is empty, or a line that is still being written.
        return [json.loads(line) for line in lines[:-1]]

    def wait_for_notes(self, count: int) -> list[Any]:
        """Wait until the app has noted so many things."""
        return self.wait_until(lambda: self.notes() if len(self.notes()) >= count else None)

    def wait_for_log(self, text: str) -> str:
        """Wait until the log holds a text; return the log."""
        return self.wait_until(lambda: self.log_text() if text in self.log_text() else None)

    def log_text(self) -> str:
        """Return the log so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def wait_until(self, probe: Callable[[], Result | None]) -> Result:
        """Poll until a probe gives something; fail with the log when the time is up."""
        try:
            return wait_until(probe, _DEADLINE_SECONDS)
        except TimeoutError:
            pytest.fail(f"gave up waiting; notes: {self.notes()}; log:\n{self.log_text()}")

    def terminate(self) -> int:
        """Send SIGTERM and wait for the end."""
        self.process.terminate()
        return self.process.wait(timeout=_DEADLINE_SECONDS)

    def kill(self) -> None:
        """Send SIGKILL to the host alone; return when its worker has ended too."""
        workers = psutil.Process(self.process.pid).children()
        self.process.kill()
        self.process.wait(timeout=_DEADLINE_SECONDS)
        self.wait_until(lambda: are_gone(workers))


NOTE = """
import json, os
import typing
import azure.functions as func

app = func.FunctionApp()


def note(value):
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(json.dumps(value) + "\\n")

"""


def write_app(directory: Path, code: str, *, host_json: Mapping[str, Any] | None = None) -> Path:
    """Write an app whose code may use `app`, `func` and `note`."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "function_app.py").write_text(NOTE + textwrap.dedent(code), encoding="utf-8")
    document = {"version": "2.0", **(host_json or {})}
    (directory / "host.json").write_text(json.dumps(document), encoding="utf-8")
    return directory


def launch_host(
    app: Path, *, settings: Mapping[str, str] | None = None, arguments: tuple[str, ...] = ()
) -> RunningHost:
    """Start a host without waiting for it; notes and log lie beside the app's directory."""
    (port,) = free_ports(1)
    log = app.parent / "host.log"
    notes = app.parent / "notes.jsonl"
    command = [sys.executable, "-m", "local.host", "--app", str(app), "--port", str(port)]
    environment = {**os.environ, "NOTES": str(notes), **(settings or {})}
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*command, *arguments], cwd=ROOT, env=environment, stdout=output, stderr=output
        )
    return RunningHost(process=process, port=port, log=log, notes_file=notes)


@contextlib.contextmanager
def run_host(
    app: Path, *, settings: Mapping[str, str] | None = None, arguments: tuple[str, ...] = ()
) -> Iterator[RunningHost]:
    """Run a host until the block ends; it is ready when the block begins."""
    host = launch_host(app, settings=settings, arguments=arguments)
    try:
        host.wait_until(lambda: _is_running(host))
        yield host
    finally:
        host.process.kill()
        host.process.wait()


def _is_running(host: RunningHost) -> bool:
    if host.process.poll() is not None:
        pytest.fail(f"the host ended with code {host.process.returncode}:\n{host.log_text()}")
    try:
        state = host.request("/admin/host/status").json()["state"]
    except OSError:
        return False
    return bool(state == "Running")
