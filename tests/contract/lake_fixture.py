"""Starts the lake gateway as its own process, and builds the SDK's clients for it."""

import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
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
    clients: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

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
        client = DataLakeServiceClient(self.url, **options)
        return self.clients.enter_context(client)

    def aio_service(self, **options: Any) -> AioServiceClient:
        options = {"retry_total": 0, "credential": self.credential, **options}
        return AioServiceClient(self.url, **options)

    def filesystem(self, **options: Any) -> FileSystemClient:
        return self.service(**options).get_file_system_client(FILESYSTEM)

    def fresh_filesystem(self, **options: Any) -> FileSystemClient:
        """Make a filesystem that no other test uses."""
        return self.service(**options).create_file_system(f"fs-{uuid.uuid4().hex}")

    def on_disk(self, filesystem: FileSystemClient, name: str = "") -> Path:
        return self.data / filesystem.file_system_name / name

    def raw(self, method: str, target: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Send a signed request whose target no client library has tidied."""
        signed = {"x-ms-date": formatdate(usegmt=True), "x-ms-version": "2023-11-03"}
        signed |= {name.replace("_", "-"): value for name, value in headers.items()}
        signature = _sign(method, target, signed, "")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.closing(connection):
            fields = {**signed, "Authorization": f"SharedKey {ACCOUNT}:{signature}"}
            connection.request(method, target, headers=fields)
            response = connection.getresponse()
            return response.status, dict(response.headers), response.read()

    def cut_append(self, target: str, content: bytes) -> None:
        """Announce an append that is twice as long as what is sent, and hang up."""
        length = str(2 * len(content))
        headers = {"x-ms-date": formatdate(usegmt=True), "x-ms-version": "2023-11-03"}
        signature = _sign("PATCH", target, headers, length)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.closing(connection):
            connection.putrequest("PATCH", target)
            fields = {**headers, "Authorization": f"SharedKey {ACCOUNT}:{signature}"}
            for name, value in {**fields, "Content-Length": length}.items():
                connection.putheader(name, value)
            connection.endheaders(content)

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
        with lake.clients:
            yield lake
    finally:
        lake.process.kill()
        lake.process.wait(_DEADLINE_SECONDS)


def _sign(method: str, target: str, headers: dict[str, str], length: str) -> str:
    path, _, query = target.partition("?")
    service = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    pairs = sorted(part.split("=", 1) for part in query.split("&") if part)
    asked = "".join(f"\n{name}:{unquote(value)}" for name, value in pairs)
    standard = "\n" * 2 + f"{length}\n" + "\n" * 8
    text = f"{method}\n{standard}{service}/{ACCOUNT}{path}{asked}"
    digest = hmac.new(base64.b64decode(KEY), text.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLake]:
    """Run one gateway for a module's tests; each makes a filesystem of its own."""
    with running_lake(tmp_path_factory.mktemp("lake")) as running:
        yield running


@pytest.fixture
def filesystem(lake: RunningLake) -> Iterator[FileSystemClient]:
    yield lake.fresh_filesystem()
    lake.control("DELETE", "/faults")


@pytest.fixture
def own_lake(tmp_path: Path) -> Iterator[RunningLake]:
    """Run a gateway that the test may kill."""
    with running_lake(tmp_path / "lake") as running:
        yield running


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
