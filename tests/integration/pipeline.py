"""Hands `ingest` its batches exactly as the worker would, and reads back what became of them."""

import json
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import azure.functions as func
import fastavro

from functions.app_service import use_service
from local.app_settings import app_settings
from local.host.event_payload import PartitionSource, ReceivedEvent, encode_batch
from local.host.indexing import find_converter
from local.parts import ROOT
from local.stack import Stack
from shared.service import Service, utc_now
from shared.settings import read_settings
from shared.status.latest_answer import THREAD
from tests.app import functions_by_name

SAMPLE_CONTRACT = {
    "type": "record",
    "name": "sample",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "day", "type": {"type": "int", "logicalType": "date"}, "default": 0},
        {"name": "small", "type": "int", "default": 0, "minimum": -5, "maximum": 5},
        {
            "name": "ratio",
            "type": ["null", "double"],
            "default": None,
            "exclusiveMinimum": 0,
            "exclusiveMaximum": 1,
        },
        {
            "name": "code",
            "type": "string",
            "default": "ab",
            "minLength": 2,
            "maxLength": 4,
            "pattern": "^[a-z]+$",
        },
        {"name": "raw", "type": "bytes", "default": ""},
        {
            "name": "price",
            "type": {"type": "bytes", "logicalType": "decimal", "precision": 6, "scale": 2},
            "default": "\0",
        },
        {"name": "opens", "type": {"type": "int", "logicalType": "time-millis"}, "default": 0},
        {
            "name": "parts",
            "type": {
                "type": "array",
                "items": {
                    "type": "record",
                    "name": "Part",
                    "fields": [{"name": "weight", "type": "double"}],
                },
            },
            "default": [],
        },
    ],
}


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One event to hand over."""

    body: bytes
    contract: str | None = "telemetry"
    content_type: str = "application/json"
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a batch left in the lake, by sequence number offset from the batch's first."""

    landed: dict[int, dict[str, Any]]
    quarantined: dict[int, dict[str, Any]]
    batch: dict[str, Any]


@contextmanager
def serving(service: Service) -> Iterator[Service]:
    """Have the functions use this service, and forget it afterwards."""
    use_service(service)
    try:
        yield service
    finally:
        use_service(None)
        wait_until_hub_answered()


def wait_until_hub_answered() -> None:
    """Wait for what the status still asks the hub: cut off, it would leave a socket behind."""
    for thread in threading.enumerate():
        if thread.name == THREAD:
            thread.join()


def good_telemetry(**changes: Any) -> dict[str, Any]:
    """A telemetry event that keeps its contract, but for the changes."""
    return {
        "event_id": "123e4567-e89b-12d3-a456-426614174000",
        "event_type": "reading",
        "device_id": "device-1",
        "occurred_at": "2026-01-01T00:00:00Z",
        "temperature": 21.5,
        "pressure": 1013.25,
        "reading_number": 7,
        "ok": True,
        "position": {"latitude": 48.2, "longitude": 16.4},
        "tags": ["roof"],
        "attributes": {"line": "a"},
        "note": None,
    } | changes


class Pipeline:
    """The deployed functions, in this process, on real services."""

    def __init__(self, stack: Stack, contracts: Path) -> None:
        self.stack, self.contracts = stack, contracts
        self.settings = app_settings(stack.ports, stack.data) | {"LANDFALL_DEFAULT_CONTRACT": ""}
        self.next_number = 0
        self.enqueued_at = datetime(2026, 1, 1, tzinfo=UTC)
        shutil.copytree(ROOT / "contracts", contracts)
        (contracts / "sample").mkdir()
        (contracts / "sample" / "1.avsc").write_text(json.dumps(SAMPLE_CONTRACT))

    def new_service(
        self, *, contracts: Path | None = None, clock: Callable[[], datetime] = utc_now
    ) -> Service:
        """A service as a new worker makes it: cold, on the real stores."""
        settings = read_settings(self.settings)
        return Service(settings, clock, contracts_folder=contracts or self.contracts)

    def settings_file(self, folder: Path) -> Path:
        """Write the settings as a stack.json has them, for the operator's commands."""
        file = folder / "stack.json"
        file.write_text(json.dumps({"settings": self.settings}))
        return file

    def ingest(self, *sent: Sent) -> Outcome:
        """Hand over a batch of new events, and read back what became of it."""
        first = self.next_number
        self.next_number += len(sent)
        self.deliver(first, sent)
        return self.read_back(first)

    def deliver(self, first: int, sent: Sequence[Sent], *, converter: str | None = None) -> None:
        """Invoke `ingest` as the worker does, for events from this sequence number on.

        The worker finds the converter by the trigger's type, unless another one is asked for.
        """
        received = [self._received(first + index, item) for index, item in enumerate(sent)]
        source = PartitionSource(
            fully_qualified_namespace="127.0.0.1",
            event_hub_name=self.settings["LANDFALL_HUB"],
            consumer_group="$Default",
            partition_id="0",
        )
        payload = encode_batch(received, source, data_type="BINARY", is_checkpointing=True)
        decoding = find_converter(converter or functions_by_name()["ingest"].get_trigger().type)
        events = decoding.decode(payload.data, trigger_metadata=payload.metadata)
        call_function("ingest", events=events)

    def read_back(self, first: int) -> Outcome:
        """The one committed batch that starts at this sequence number, and its records."""
        page = self.get("batches", partition="0", **{"from": str(first)})
        batch = next(item for item in page["batches"] if item["first"] == first)
        files = [(file["contract"], self._records(file["path"])) for file in batch["files"]]
        found = [(name, record) for name, records in files for record in records]
        return Outcome(
            landed={_number(record) - first: record for name, record in found if name},
            quarantined={_number(record) - first: record for name, record in found if not name},
            batch=batch,
        )

    def get(self, route: str, **parameters: str) -> dict[str, Any]:
        """Call an HTTP function of the app by its route."""
        response = self.request(route, **parameters)
        assert response.status_code == 200, response.get_body()
        return json.loads(response.get_body())

    def request(self, route: str, **parameters: str) -> func.HttpResponse:
        request = func.HttpRequest(
            method="GET", url=f"/api/{route}", params=parameters, body=b"", headers={}
        )
        return call_function(route, req=request)

    def reconcile(self) -> None:
        """Let the timer tick."""
        timer = SimpleNamespace(past_due=False)
        call_function("reconcile", timer=timer)

    def _received(self, number: int, sent: Sent) -> ReceivedEvent:
        named = {"contract": sent.contract} if sent.contract is not None else {}
        return ReceivedEvent(
            body=sent.body,
            sequence_number=number,
            offset=str(number * 100),
            enqueued_at=self.enqueued_at + timedelta(milliseconds=number),
            partition_key=None,
            properties=named | dict(sent.properties),
            system_properties={"content-type": sent.content_type},
        )

    def _records(self, path: str) -> list[dict[str, Any]]:
        folder = self.stack.data / "lake" / self.settings["LANDFALL_LAKE_FILESYSTEM"]
        with (folder / path).open("rb") as file:
            return list(fastavro.reader(file))


def call_function(name: str, **arguments: Any) -> Any:
    """Call a function of the app by the name that it has in Azure."""
    context = SimpleNamespace(invocation_id="test")
    return functions_by_name()[name].get_user_function()(**arguments, context=context)


def _number(record: Mapping[str, Any]) -> int:
    return int(record["_landfall"]["sequence_number"])
