"""Event batches in the form in which the Event Hubs extension and the host send them to the worker.

The shapes follow the extension's binding strategy (the newest, which also has offsets as text) and
the host's conversion to messages. Arrays of strings lose their nulls, times that the extension
calls UTC have no zone, and a message id is an empty object, as seen in Azure
(azure-webjobs-sdk-extensions issue 931).
"""

import base64
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from azure.functions.meta import Datum

from local.host.worker import TriggerPayload


# Not a frozen dataclass, because that takes twice as long to create.
class ReceivedEvent(NamedTuple):
    """One event as received over AMQP; property names and strings may be bytes."""

    body: bytes
    sequence_number: int
    offset: str
    enqueued_at: datetime
    partition_key: str | None
    properties: Mapping[Any, Any]
    system_properties: Mapping[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionSource:
    """The source of a batch."""

    fully_qualified_namespace: str
    event_hub_name: str
    consumer_group: str
    partition_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionBytes:
    """The message type behind `collection_bytes`."""

    bytes: list[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionString:
    """The message type behind `collection_string`."""

    string: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionInteger:
    """The message type behind `collection_sint64`."""

    sint64: list[int]


def encode_batch(
    events: Sequence[ReceivedEvent],
    source: PartitionSource,
    *,
    data_type: str | None,
    is_checkpointing: bool,
) -> TriggerPayload:
    """Write a batch for a function of cardinality many."""
    times = [_zoneless(event.enqueued_at) for event in events]
    metadata = {
        "PartitionContext": _encode_source(source, is_checkpointing),
        "TriggerPartitionContext": _encode_source(source, is_checkpointing),
        "PartitionKeyArray": _strings([event.partition_key for event in events]),
        "OffsetArray": _strings([str(_as_number(event.offset)) for event in events]),
        "OffsetStringArray": _strings([event.offset for event in events]),
        "SequenceNumberArray": Datum(
            CollectionInteger(sint64=[event.sequence_number for event in events]),
            "collection_sint64",
        ),
        "EnqueuedTimeUtcArray": _json(times),
        "PropertiesArray": _json([_properties(event) for event in events]),
        "SystemPropertiesArray": _json([_system_properties(event) for event in events]),
    }
    return TriggerPayload(
        data=_encode_bodies([event.body for event in events], data_type), metadata=metadata
    )


def encode_single(
    event: ReceivedEvent,
    source: PartitionSource,
    *,
    data_type: str | None,
    is_checkpointing: bool,
) -> TriggerPayload:
    """Write one event for a function of cardinality one."""
    metadata = {
        "PartitionContext": _encode_source(source, is_checkpointing),
        "TriggerPartitionContext": _encode_source(source, is_checkpointing),
        "Offset": Datum(str(_as_number(event.offset)), "string"),
        "OffsetString": Datum(event.offset, "string"),
        "SequenceNumber": _json(event.sequence_number),
        "EnqueuedTimeUtc": _json(_zoneless(event.enqueued_at)),
        "Properties": _json(_properties(event)),
        "SystemProperties": _json(_system_properties(event)),
    }
    if event.partition_key is not None:
        metadata["PartitionKey"] = Datum(event.partition_key, "string")
    if data_type == "BINARY":
        return TriggerPayload(data=Datum(event.body, "bytes"), metadata=metadata)
    text = event.body.decode("utf-8", errors="replace")
    return TriggerPayload(data=Datum(text, "string"), metadata=metadata)


def _encode_bodies(bodies: list[bytes], data_type: str | None) -> Datum:
    if data_type == "BINARY":
        return Datum(CollectionBytes(bytes=bodies), "collection_bytes")
    texts = [body.decode("utf-8", errors="replace") for body in bodies]
    if data_type == "STRING":
        return _strings(texts)
    # No data type: if one body is not JSON, the library fails to decode the whole batch.
    return Datum(f"[{','.join(texts)}]", "json")


def _strings(values: Sequence[str | None]) -> Datum:
    """Write an array of strings; the host drops null and empty ones, so indices shift."""
    return Datum(CollectionString(string=[value for value in values if value]), "collection_string")


def _encode_source(source: PartitionSource, is_checkpointing: bool) -> Datum:
    return _json(
        {
            "IsCheckpointingAfterInvocation": is_checkpointing,
            "FullyQualifiedNamespace": source.fully_qualified_namespace,
            "EventHubName": source.event_hub_name,
            "ConsumerGroup": source.consumer_group,
            "PartitionId": source.partition_id,
        }
    )


def _properties(event: ReceivedEvent) -> dict[str, Any]:
    return {_text(name): _plain(value) for name, value in event.properties.items()}


def _system_properties(event: ReceivedEvent) -> dict[str, Any]:
    shown = {}
    for key, value in event.system_properties.items():
        name = _text(key)
        shown[name] = _WRITERS.get(name, _plain)(value)
    shown["SequenceNumber"] = event.sequence_number
    shown["Offset"] = _as_number(event.offset)
    shown["OffsetString"] = event.offset
    shown["PartitionKey"] = event.partition_key
    shown["EnqueuedTimeUtc"] = _zoneless(event.enqueued_at)
    return shown


def _plain(value: Any) -> Any:
    """Write a value as Json.NET does; AMQP strings arrive as bytes, like AMQP binaries."""
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return base64.b64encode(value).decode("ascii")
    if isinstance(value, datetime):
        return f"{_zoneless(value)}Z"
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else f"{'-' * (value < 0)}Infinity"
    if isinstance(value, dict):
        return {_text(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, UUID) else value


@lru_cache(maxsize=1024, typed=True)
def _text(name: Any) -> str:
    return name.decode("utf-8", errors="replace") if isinstance(name, bytes) else str(name)


def _opaque(_: Any) -> dict[str, Any]:
    """Write a value that the extension passes as a .NET object: its JSON is an empty object."""
    return {}


def _memory(value: Any) -> dict[str, Any]:
    """Write bytes as .NET's JSON shows a ReadOnlyMemory: without their content."""
    return {"Length": len(value), "IsEmpty": not value}


def _time_with_offset(value: Any) -> Any:
    return f"{_from_milliseconds(value)}+00:00" if isinstance(value, int | float) else _plain(value)


def _utc_time(value: Any) -> Any:
    return f"{_from_milliseconds(value)}Z" if isinstance(value, int | float) else _plain(value)


def _number_or_text(value: Any) -> Any:
    shown = _plain(value)
    try:
        return int(shown)
    except (TypeError, ValueError):
        return shown


_WRITERS: Mapping[str, Callable[[Any], Any]] = {
    "message-id": _opaque,
    "correlation-id": _opaque,
    "user-id": _memory,
    "absolute-expiry-time": _time_with_offset,
    "creation-time": _time_with_offset,
    "x-opt-enqueued-time": _time_with_offset,
    # A DateTime, not a DateTimeOffset as above: it is IoT Hub's own property, and the extension
    # does not know it.
    "iothub-enqueuedtime": _utc_time,
    "x-opt-sequence-number": _number_or_text,
    "group-sequence": _number_or_text,
}


def _as_number(offset: str) -> int:
    """Read an offset; a geo-replicated namespace has no numeric ones, so the extension uses -1."""
    try:
        return int(offset)
    except ValueError:
        return -1


@lru_cache(maxsize=1024)
def _from_milliseconds(milliseconds: float) -> str:
    return _zoneless(datetime.fromtimestamp(milliseconds / 1000, UTC))


@lru_cache(maxsize=1024)
def _zoneless(moment: datetime) -> str:
    """Write a UTC time as a DateTime of unspecified kind: no zone, no trailing zeros."""
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    return text.rstrip("0").rstrip(".")


def _json(value: Any) -> Datum:
    return Datum(orjson.dumps(value).decode(), "json")
