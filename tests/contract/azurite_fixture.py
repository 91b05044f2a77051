"""A real Azurite, as a process of its own, for contract and integration tests."""

import contextlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from local.kit.ports import free_ports
from local.kit.waiting import await_health
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
    blob, queue, table = free_ports(3)
    data_dir.mkdir(parents=True, exist_ok=True)
    command = [find_node(), str(AZURITE), "--silent", "--disableTelemetry", "--skipApiVersionCheck"]
    command += ["--location", str(data_dir), "--blobPort", str(blob)]
    command += ["--queuePort", str(queue), "--tablePort", str(table)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for port in (blob, queue, table):
            await_health(
                f"http://127.0.0.1:{port}/",
                _START_SECONDS,
                is_running=lambda: process.poll() is None,
            )
        yield AzuriteEndpoints(
            connection_string=_connection_string(blob, queue, table),
            blob_port=blob,
            queue_port=queue,
            table_port=table,
        )
    finally:
        process.kill()
        process.wait()


def _connection_string(blob: int, queue: int, table: int) -> str:
    return (
        f"DefaultEndpointsProtocol=http;AccountName={_ACCOUNT};AccountKey={_KEY};"
        f"BlobEndpoint=http://127.0.0.1:{blob}/{_ACCOUNT};"
        f"QueueEndpoint=http://127.0.0.1:{queue}/{_ACCOUNT};"
        f"TableEndpoint=http://127.0.0.1:{table}/{_ACCOUNT};"
    )
