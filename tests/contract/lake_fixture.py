"""Starts the lake gateway as its own process, and builds the SDK's clients for it."""

import contextlib
import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from azure.storage.filedatalake import DataLakeServiceClient, FileSystemClient
from azure.storage.filedatalake.aio import DataLakeServiceClient as AioServiceClient

ACCOUNT = "landfalllake"
KEY = "bGFuZGZhbGwgdGVzdCBrZXk="
FILESYSTEM = "lake"
_DEADLINE_SECONDS = 20.0
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(kw_only=True)
class RunningLake:
    """A gateway process, and what tests ask of it."""

    data: Path
    port: int
    control_port: int
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/{ACCOUNT}"

    @property
    def connection_string(self) -> str:
        return (
            f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};"
            f"BlobEndpoint={self.url};"
        )

    @property
    def credential(self) -> dict[str, str]:
        return {"account_name": ACCOUNT, "account_key": KEY}

    def service(self, **options: Any) -> DataLakeServiceClient:
        options = {"retry_total": 0, "credential": self.credential, **options}
        return DataLakeServiceClient(self.url, **options)

    def aio_service(self, **options: Any) -> AioServiceClient:
        options = {"retry_total": 0, "credential": self.credential, **options}
        return AioServiceClient(self.url, **options)

    def filesystem(self, **options: Any) -> FileSystemClient:
        return self.service(**options).get_file_system_client(FILESYSTEM)

    def on_disk(self, name: str) -> Path:
        return self.data / FILESYSTEM / name

    def control(self, method: str, target: str, body: Any = None) -> tuple[int, Any]:
        """Call the control endpoint; bytes are sent as they are, all else as JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.control_port}{target}",
            method=method,
            data=None if body is None else content,
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.status, json.loads(response.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def set_fault(self, **fault: Any) -> None:
        status, answer = self.control("POST", "/faults", fault)
        assert status == 201, answer

    def kill(self) -> None:
        """End the process as `kill -9` does."""
        self.process.kill()
        self.process.wait(_DEADLINE_SECONDS)

    def restart(self) -> None:
        """Start a new process over the same folder and ports."""
        self.process = _spawn(self.data, self.port, self.control_port)
        _await_health(self)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask the process to stop, and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(_DEADLINE_SECONDS)


@contextlib.contextmanager
def running_lake(data: Path) -> Iterator[RunningLake]:
    """Run a gateway over the folder."""
    port, control_port = free_ports(2)
    process = _spawn(data, port, control_port)
    lake = RunningLake(data=data, port=port, control_port=control_port, process=process)
    try:
        _await_health(lake)
        yield lake
    finally:
        lake.process.kill()
        lake.process.wait(_DEADLINE_SECONDS)


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def wait_until(condition: Any) -> None:
    """Poll until the condition holds, or fail at the deadline."""
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come to hold in time"
        time.sleep(0.02)


def _spawn(data: Path, port: int, control_port: int) -> "subprocess.Popen[bytes]":
    options = {
        "--port": port,
        "--control-port": control_port,
        "--data": data,
        "--account": ACCOUNT,
        "--key": KEY,
        "--filesystem": FILESYSTEM,
    }
    arguments = [str(part) for pair in options.items() for part in pair]
    command = [sys.executable, "-m", "local.lake", *arguments]
    return subprocess.Popen(command, cwd=_ROOT, stderr=subprocess.DEVNULL)


def _await_health(lake: RunningLake) -> None:
    def is_healthy() -> bool:
        assert lake.process.poll() is None, "the gateway ended instead of starting"
        try:
            return lake.control("GET", "/health")[0] == 200
        except (urllib.error.URLError, ConnectionError):
            return False

    wait_until(is_healthy)
