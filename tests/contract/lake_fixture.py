"""Starts the lake gateway as its own process, and builds the SDK's clients for it."""

import base64
import contextlib
import hashlib
import hmac
import http.client
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from azure.storage.filedatalake import DataLakeServiceClient, FileSystemClient
from azure.storage.filedatalake.aio import DataLakeServiceClient as AioServiceClient

from tests.contract.emulator_process import EmulatorProcess, running_emulator

ACCOUNT = "landfalllake"
KEY = "bGFuZGZhbGwgdGVzdCBrZXk="
FILESYSTEM = "lake"


@dataclass(kw_only=True)
class RunningLake:
    """A gateway process, and what tests ask of it."""

    emulator: EmulatorProcess
    clients: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    @property
    def port(self) -> int:
        return self.emulator.port

    @property
    def data(self) -> Path:
        return self.emulator.data

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


@contextlib.contextmanager
def running_lake(data: Path) -> Iterator[RunningLake]:
    """Run a gateway over the folder."""
    options = ("--account", ACCOUNT, "--key", KEY, "--filesystem", FILESYSTEM)
    with running_emulator("local.lake", data, *options) as emulator:
        lake = RunningLake(emulator=emulator)
        with lake.clients:
            yield lake


def _sign(method: str, target: str, headers: dict[str, str], length: str) -> str:
    path, _, query = target.partition("?")
    service = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    pairs = sorted(part.split("=", 1) for part in query.split("&") if part)
    asked = "".join(f"\n{name}:{unquote(value)}" for name, value in pairs)
    standard = "\n" * 2 + f"{length}\n" + "\n" * 8
    text = f"{method}\n{standard}{service}/{ACCOUNT}{path}{asked}"
    digest = hmac.new(base64.b64decode(KEY), text.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()
