"""What the host sends the worker for one invocation, as JSON that worker_library.py can read."""

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from local.host.blob_payload import FoundBlob, encode_blob
from local.host.event_payload import PartitionSource, ReceivedEvent, encode_batch
from tests.integration.pipeline import good_telemetry

Document = dict[str, Any]
BODIES = [json.dumps(good_telemetry()).encode(), b"\xff\x00 not JSON", b"", b'{"note": 1}']


def call(name: str, data: Sequence[Any], metadata: Mapping[str, Any] | None = None) -> Document:
    return {"name": name, "data": data, "metadata": metadata or {}}


def http_call(route: str, **query: str) -> Document:
    url = f"http://127.0.0.1/api/{route}"
    asked = {"method": "GET", "url": url, "headers": {}, "params": {}, "query": query}
    return call(route, ["http", asked])


def blob_call(path: str, content: bytes) -> Document:
    """A blob, as the Storage extension hands it over."""
    blob = FoundBlob(
        container="dropzone",
        name=path,
        etag="0x1",
        blob_type="BlockBlob",
        length=len(content),
        content_type=None,
        created_at=None,
        modified_at=None,
        metadata={},
        values={"path": path},
    )
    payload = encode_blob(blob, content, uri=f"http://127.0.0.1/dropzone/{path}")
    metadata = {name: [datum.type, datum.value] for name, datum in payload.metadata.items()}
    return call("dropzone", ["bytes", base64.b64encode(content).decode()], metadata)


def ingest_call(numbers: Sequence[int]) -> Document:
    """A batch of these sequence numbers, as the Event Hubs extension hands it over."""
    source = PartitionSource(
        fully_qualified_namespace="127.0.0.1",
        event_hub_name="events",
        consumer_group="$Default",
        partition_id="0",
    )
    events = [received(number) for number in numbers]
    payload = encode_batch(events, source, data_type="BINARY", is_checkpointing=True)
    bodies = [base64.b64encode(body).decode() for body in payload.data.value.bytes]
    metadata = {name: [datum.type, plain(datum.value)] for name, datum in payload.metadata.items()}
    return call("ingest", [payload.data.type, bodies], metadata)


def received(number: int) -> ReceivedEvent:
    return ReceivedEvent(
        body=BODIES[number % len(BODIES)],
        sequence_number=number,
        offset=str(number * 100),
        enqueued_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(milliseconds=number),
        partition_key=None,
        properties={b"contract": b"telemetry"},
        system_properties={b"content-type": b"application/json"},
    )


def plain(value: Any) -> Any:
    """A datum's value without the message around it."""
    return next(
        (getattr(value, name) for name in ("string", "sint64") if hasattr(value, name)), value
    )
