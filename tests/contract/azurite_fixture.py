"""A real Azurite, as a process of its own, for contract and integration tests."""

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.parts import AZURITE, find_node

_ACCOUNT = "devstoreaccount1"
# The key that Azurite and its documentation publish.
_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
_START_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class AzuriteEndpoints:
    """Where an Azurite listens."""

    connection_string: str
    blob_port: int
    queue_port: int
    table_port: int


@contextlib.contextmanager
def start_azurite(data_dir: Path) -> Iterator[AzuriteEndpoints]:
    """Run an Azurite over a directory."""
    blob, queue, table = find_free_ports(3)
    data_dir.mkdir(parents=True, exist_ok=True)
    command = [find_node(), str(AZURITE), "--silent", "--disableTelemetry", "--skipApiVersionCheck"]
    command += ["--location", str(data_dir), "--blobPort", str(blob)]
    command += ["--queuePort", str(queue), "--tablePort", str(table)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for port in (blob, queue, table):
            _wait_for_port(port, process)
        yield AzuriteEndpoints(
            connection_string=_connection_string(blob, queue, table),
            blob_port=blob,
            queue_port=queue,
            table_port=table,
        )
    finally:
        process.kill()
        process.wait()


def find_free_ports(count: int) -> list[int]:
    """Return ports of 127.0.0.1 that were free a moment ago."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _connection_string(blob: int, queue: int, table: int) -> str:
    return (
        f"DefaultEndpointsProtocol=http;AccountName={_ACCOUNT};AccountKey={_KEY};"
        f"BlobEndpoint=http://127.0.0.1:{blob}/{_ACCOUNT};"
        f"QueueEndpoint=http://127.0.0.1:{queue}/{_ACCOUNT};"
        f"TableEndpoint=http://127.0.0.1:{table}/{_ACCOUNT};"
    )


def _wait_for_port(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"Azurite ended at once with code {process.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    pytest.fail(f"Azurite did not listen on {port} within {_START_SECONDS} s")
